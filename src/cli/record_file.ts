import { RlvrError } from '../errors/failure';
import { problemText } from '../recipe/untrusted';
import { parseRecord } from '../storage/read_record';
import type { RunRecord } from '../storage/record';
import { POLICIES } from './experiment_file';
import { readJson } from './files';

/** A record from a file; everything wrong with it is said at once. */
export async function readRecord(path: string, field: string): Promise<RunRecord> {
  const parsed = parseRecord(await readJson(path, field), POLICIES);
  if (parsed.ok) return parsed.value;
  throw new RlvrError({ kind: 'badRecipe', detail: `${path}: ${problemText(parsed.problems)}` });
}
