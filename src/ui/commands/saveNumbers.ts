import { useExperiment } from '../../store/experiment';
import { series } from '../../store/series';
import { seriesCsv } from '../../store/series_csv';
import { saveFile } from '../saveFile';

/** Every number of every arm, seed and step, as metrics.jsonl has them. */
export function saveNumbers(): void {
  const { arms, name } = useExperiment.getState();
  const metrics = [...new Set(arms.flatMap(({ id }) => series.of(id).keys()))].filter(
    (key) => key !== 'step',
  );
  const text = seriesCsv(series, arms, metrics, 'step');
  const file = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.csv`;
  saveFile(file, new Blob([text], { type: 'text/csv;charset=utf-8' }));
}
