import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPolicyFile, readPolicyFolder } from '../model/foreign/folder';
import { readPolicy, type Policy } from '../model/policy';
import { SafetensorsError } from '../model/safetensors';
import { prepareFolder, readBytes, writeWhole } from './files';
import { refuse } from './options';

/** A base policy by its task's name, a policy file by its path, or a Hugging Face folder by its own. */
export async function loadPolicy(nameOrPath: string, names: readonly string[]): Promise<Policy> {
  const path = names.includes(nameOrPath)
    ? join(process.env.RLVR_ROOT ?? '.', 'public', 'policies', `${nameOrPath}.safetensors`)
    : nameOrPath;
  try {
    if (await isFolder(path)) return readPolicyFolder(await filesOf(path));
    return readPolicy(await readBytes(path, 'policy'));
  } catch (error) {
    if (error instanceof SafetensorsError) return refuse('policy', `${path}: ${error.message}`);
    throw error;
  }
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of (await readdir(folder)).filter(isPolicyFile)) {
    files.set(name, await readBytes(join(folder, name), 'policy'));
  }
  return files;
}

const LAST = 'config.json';

/** Writes a Hugging Face folder; config.json comes last, so that one that was cut short is not taken for a model. */
export async function writePolicyFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  await prepareFolder(folder, '--out');
  for (const [name, bytes] of files) {
    if (name !== LAST) await writeWhole(join(folder, name), bytes);
  }
  const config = files.get(LAST);
  if (config) await writeWhole(join(folder, LAST), config);
}
