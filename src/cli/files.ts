import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseStrictJson } from '../model/json';
import { refuse } from './options';

/** Largest file read into memory, and largest that is JSON: our largest record has 1.2 MB. */
const MOST_BYTES = 512 * 2 ** 20;
const MOST_JSON_BYTES = 64 * 2 ** 20;

/** The whole file. Refused by name, before it is read, when it is missing, a folder or too large. */
export async function readBytes(
  path: string,
  field: string,
  most: number = MOST_BYTES,
): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > most) refuse(field, `${path} has ${size} bytes, more than ${most}`);
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
  const bytes = await readBytes(path, field, MOST_JSON_BYTES);
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // A TextDecoder throws a TypeError for bytes that are not UTF-8.
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8 text';
    return refuse(field, `${path} is not valid JSON: ${why}`);
  }
}

/**
 * The objects of a file that has one a line, each with an arm, a seed and a step, as `run` writes them. A last line without its end,
 * in the middle of which it was stopped, is left out; any other that is not one is refused by its number.
 */
export async function readLines(
  path: string,
  field: string,
): Promise<readonly { readonly step: number }[]> {
  const text = new TextDecoder().decode(await readBytes(path, field));
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  return lines.map((line, i) => {
    try {
      const value = parseStrictJson(line);
      if (isLine(value)) return value;
    } catch {
      // Refused below.
    }
    return refuse(field, `${path} has no line of a run as line ${i + 1}`);
  });
}

function isLine(value: unknown): value is { readonly step: number } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const own = new Map<string, unknown>(Object.entries(value));
  return (
    typeof own.get('arm') === 'string' &&
    Number.isSafeInteger(own.get('seed')) &&
    Number.isSafeInteger(own.get('step'))
  );
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
