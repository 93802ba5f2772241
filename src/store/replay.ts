import { problemText } from '../recipe/untrusted';
import { choiceNow, useCatalogue } from './catalogue';
import { openRecord } from './engine';
import { useExperiment } from './experiment';
import { stopped } from './library';
import { fetchRecord } from './records';
import { useRun } from './run';

const recordOnPage = () => useExperiment.getState().record;

/** Opens the recorded run of the experiment on the page, or says why it cannot. What is on the page stays until then. */
export async function openRecording(): Promise<void> {
  const id = recordOnPage();
  if (id === null) {
    const refusal = 'Only experiments of the list have recorded runs.';
    return useCatalogue.setState({ refusal });
  }
  const choice = choiceNow();
  const record = await fetchRecord(id);
  // What was trained is kept before it makes way.
  if (record.ok) await stopped();
  if (choice !== choiceNow() || id !== recordOnPage()) return;
  if (record.ok) openRecord(record.value, id);
  useCatalogue.setState({ refusal: record.ok ? null : problemText(record.problems) });
}

/** The record that was asked for last without anybody's choice, so that one that is missing is asked for once. */
let offered: string | null = null;

/** Where nothing can train, the recorded run takes its place. Call once. */
export function replayWhereNothingTrains(): void {
  const offer = () => {
    const { status, failure, recorded } = useRun.getState();
    if (recorded !== null) offered = null;
    const hopeless = failure?.kind === 'noWebGPU' || failure?.kind === 'noAdapter';
    if (!hopeless || status !== 'failed' || useExperiment.getState().arms.length === 0) return;
    const id = recordOnPage();
    if (id === null || offered === id) return;
    offered = id;
    void openRecording();
  };
  useRun.subscribe(offer);
  useExperiment.subscribe(offer);
}
