import { unzipSync, zipSync, type UnzipFileInfo } from 'fflate';
import { SafetensorsError } from '../safetensors';
import { choosePolicyFiles, type FoundFile, type PolicyFiles } from './policy_files';

/** The same folder makes the same bytes, whenever it is saved. Zip counts from 1980, in local time. */
const WHEN = new Date(2000, 0, 1);

const MOST_ENTRIES = 10_000;

function fail(message: string): never {
  throw new SafetensorsError(message);
}

/** Files in a folder of this name as one archive. Not made smaller: weights hardly become so. */
export function zipOf(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const named = [...files].map(([name, bytes]) => [`${folder}/${name}`, bytes] as const);
  return zipSync(Object.fromEntries(named), { mtime: WHEN, level: 0 });
}

/**
 * The files of a policy in a zip archive. Only they are unpacked, and only where the sizes that the archive claims are
 * those of a policy; no more than that is ever written. Throws SafetensorsError.
 */
export function policyFilesInZip(bytes: Uint8Array): PolicyFiles {
  const found: FoundFile[] = [];
  let entries = 0;
  pass(bytes, ({ name, size, originalSize }) => {
    entries += 1;
    if (entries > MOST_ENTRIES) fail(`The archive has more than ${MOST_ENTRIES} files.`);
    if (!name.endsWith('/')) found.push({ path: name, bytes: Math.max(size, originalSize) });
    return false;
  });
  const names = new Map([...choosePolicyFiles(found)].map(([name, { path }]) => [path, name]));
  const claimed = new Map<string, number>();
  const unpacked = pass(bytes, ({ name: path, size, originalSize, compression }) => {
    if (!names.has(path)) return false;
    if (compression === 0 && size !== originalSize) fail('The archive is damaged.');
    claimed.set(path, originalSize);
    return true;
  });
  return new Map(
    Object.entries(unpacked).map(([path, file]) => {
      if (file.length !== claimed.get(path)) fail('The archive is damaged.');
      return [names.get(path) ?? '', file];
    }),
  );
}

function pass(bytes: Uint8Array, filter: (file: UnzipFileInfo) => boolean) {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof SafetensorsError) throw error;
    return fail('The archive is damaged, or packed in a way that is not read here.');
  }
}
