import { useEffect, useState } from 'react';
import { fetchRecord } from '../../store/records';

type Fetched = Awaited<ReturnType<typeof fetchRecord>>;
export type RecordHere = Extract<Fetched, { ok: true }>['value'];

/** The record of an experiment: null where there is none, undefined while it is on its way. */
export function useRecord(experiment: string | null): RecordHere | null | undefined {
  const [found, setFound] = useState<{ of: string; record: RecordHere | null }>();
  useEffect(() => {
    if (experiment === null) return;
    let wanted = true;
    void fetchRecord(experiment).then((result) => {
      if (wanted) setFound({ of: experiment, record: result.ok ? result.value : null });
    });
    return () => {
      wanted = false;
    };
  }, [experiment]);
  if (experiment === null) return null;
  return found?.of === experiment ? found.record : undefined;
}
