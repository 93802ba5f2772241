import type { Result } from '../recipe/untrusted';
import { parseRecord } from '../storage/read_record';
import type { RunRecord } from '../storage/record';
import { damaged, fetchJson } from './site_files';

const fetched = new Map<string, Promise<Result<RunRecord>>>();

/** The recorded run of an experiment of the catalogue, fetched once. A refusal is a sentence for the reader. */
export function fetchRecord(id: string): Promise<Result<RunRecord>> {
  const known = fetched.get(id);
  if (known !== undefined) return known;
  const record = read(id).then((result) => {
    // The site may answer the next time.
    if (!result.ok) fetched.delete(id);
    return result;
  });
  fetched.set(id, record);
  return record;
}

const MISSING = 'There is no recorded run of this experiment yet.';

async function read(id: string): Promise<Result<RunRecord>> {
  const what = 'The recorded run';
  const file = await fetchJson(`runs/${id}.json`, what, MISSING);
  if (!file.ok) return file;
  const record = parseRecord(file.value);
  return record.ok ? record : damaged(what, record.problems[0]?.message);
}
