import { useEffect, useState } from 'react';
import { problemText } from '../../recipe/untrusted';
import { fetchRecord } from '../../store/records';
import { isAbsent } from '../../store/site_files';

type Fetched = Awaited<ReturnType<typeof fetchRecord>>;
export type RecordHere = Extract<Fetched, { ok: true }>['value'];

/** What is known of the record of a lesson's experiment. */
export type Recorded =
  /** The lesson needs no experiment. */
  | { readonly state: 'none' }
  /** On its way. */
  | { readonly state: 'coming' }
  | { readonly state: 'here'; readonly record: RecordHere }
  /** Not made yet. */
  | { readonly state: 'missing'; readonly why: string }
  /** There may be one, and it could not be fetched or read. */
  | { readonly state: 'unreachable'; readonly why: string; readonly tryAgain: () => void };

/** The record of an experiment of the catalogue. */
export function useRecord(experiment: string | null): Recorded {
  const [found, setFound] = useState<{ of: string; result: Fetched }>();
  const [attempt, setAttempt] = useState(1);
  useEffect(() => {
    if (experiment === null) return;
    let wanted = true;
    void fetchRecord(experiment).then((result) => {
      if (wanted) setFound({ of: experiment, result });
    });
    return () => {
      wanted = false;
    };
  }, [experiment, attempt]);
  if (experiment === null) return { state: 'none' };
  if (found?.of !== experiment) return { state: 'coming' };
  const { result } = found;
  if (result.ok) return { state: 'here', record: result.value };
  const why = problemText(result.problems);
  if (isAbsent(result.problems)) return { state: 'missing', why };
  return { state: 'unreachable', why, tryAgain: () => setAttempt(attempt + 1) };
}
