import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseStrictJson } from '../model/json';
import { SafetensorsError } from '../model/safetensors';
import { readPolicy, type Policy } from '../model/policy';
import { refuse } from './options';

/** Largest file read into memory. */
const MAX_BYTES = 512 * 2 ** 20;

/** The whole file. Refused by name when it is missing, a folder or too large. */
export async function readBytes(path: string, field: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) refuse(field, `${path} has ${size} bytes, more than ${MAX_BYTES}`);
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read' }[
      code
    ];
    return refuse(field, `${path} ${why ?? `cannot be read (${code})`}`);
  }
}

export async function readJson(path: string, field: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readBytes(path, field));
  try {
    return parseStrictJson(text);
  } catch {
    return refuse(field, `${path} is not valid JSON, or has an object with the same key twice`);
  }
}

/** Writes a file whole or not at all. */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    refuse('--out', `${path} cannot be written (${code ?? 'unknown reason'})`);
  }
}

/** Makes sure that a folder is there and can be written, before any work is done. */
export async function prepareFolder(path: string, field: string): Promise<void> {
  try {
    await makeFolders(resolve(path));
    await access(path, constants.W_OK);
    // Root may write anywhere by its permissions, yet not on a read-only file system: try it.
    const probe = join(path, `.write-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    refuse(field, `the folder ${path} cannot be written (${code ?? 'unknown reason'})`);
  }
}

/** Not `mkdir` with `recursive`: Node 20 never returns from it below a folder that takes no folders, such as /proc. */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || (await exists(parent))) throw error;
    await makeFolders(parent);
    await mkdir(path);
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

export const prepareFileTarget = (path: string, field: string) =>
  prepareFolder(dirname(resolve(path)), field);

/** A base policy by its task's name, or a policy file by its path. */
export async function loadPolicy(nameOrPath: string, names: readonly string[]): Promise<Policy> {
  const path = names.includes(nameOrPath)
    ? join(process.env.RLVR_ROOT ?? '.', 'public', 'policies', `${nameOrPath}.safetensors`)
    : nameOrPath;
  const bytes = await readBytes(path, 'policy');
  try {
    return readPolicy(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) return refuse('policy', `${path}: ${error.message}`);
    throw error;
  }
}
