import { problemText } from '../recipe/untrusted';
import { useCatalogue } from './catalogue';
import { openRecord } from './engine';
import { useExperiment } from './experiment';
import { fetchRecord } from './records';
import { useRun } from './run';

/** Records of the two experiments that the page may open with. */
const DEFAULT_RECORDS = { large: 'default', small: 'default-small' } as const;

/** The record of the experiment on the page: that of the catalogue's entry, or of the default. */
function recordId(): string {
  const { id, base } = useExperiment.getState();
  if (id !== null) return id;
  return base.task === 'maze-small' ? DEFAULT_RECORDS.small : DEFAULT_RECORDS.large;
}

/** Opens the recorded run of the experiment on the page, or says why it cannot. What is on the page stays until then. */
export async function openRecording(): Promise<void> {
  const id = recordId();
  const record = await fetchRecord(id);
  if (id !== recordId()) return;
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
    if (offered === recordId()) return;
    offered = recordId();
    void openRecording();
  };
  useRun.subscribe(offer);
  useExperiment.subscribe(offer);
}
