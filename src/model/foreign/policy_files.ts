import { quote } from '../json';
import { readPolicy, type Policy } from '../policy';
import { SafetensorsError } from '../safetensors';
import { isPolicyFile, readPolicyFolder } from './folder';

/** The files of a policy by name: a Hugging Face folder, or one file of our own format. */
export type PolicyFiles = ReadonlyMap<string, Uint8Array>;

/** A file that somebody chose or dropped, or that lies in an archive. Its path has slashes. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a file of our own format is kept as, whatever it was called. */
const OWN_FILE = 'policy.safetensors';
const CONFIG = 'config.json';
const WHOLE = 'model.safetensors';

/** All files of a policy together, and one that is JSON. */
export const MOST_POLICY_BYTES = 2 ** 30;
const MOST_JSON_BYTES = 64 * 2 ** 20;
const MOST_FILES = 256;

function fail(message: string): never {
  throw new SafetensorsError(message);
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
const isWeights = (name: string) => name.endsWith('.safetensors');
/** What systems leave beside files in folders and archives. */
const isHidden = (path: string) => /(?:^|\/)(?:\.|__MACOSX\/)/.test(path);

/**
 * Which of many files make one policy, by the name that each has in it: the folder with a config.json, or the only
 * .safetensors file. Throws SafetensorsError where there is none or more than one, and where they are too large to read.
 */
export function choosePolicyFiles(found: readonly FoundFile[]): ReadonlyMap<string, FoundFile> {
  const seen = found.filter(({ path }) => !isHidden(path));
  const configs = seen.filter(({ path }) => nameOf(path) === CONFIG);
  const [config] = configs;
  if (configs.length > 1)
    fail('There are several policies: more than one folder has a config.json.');
  const chosen = config ? folderWith(config, seen) : onlyFile(seen);
  if (chosen.size > MOST_FILES) fail(`A policy has ${MOST_FILES} files at most.`);
  let total = 0;
  for (const [name, { bytes }] of chosen) {
    const most = isWeights(name) ? MOST_POLICY_BYTES : MOST_JSON_BYTES;
    if (bytes > most) fail(`${quote(name)} has ${inMb(bytes)}, more than ${inMb(most)}.`);
    total += bytes;
  }
  if (total > MOST_POLICY_BYTES) {
    fail(`The policy has ${inMb(total)}; this page reads ${inMb(MOST_POLICY_BYTES)} at most.`);
  }
  return chosen;
}

function folderWith(config: FoundFile, found: readonly FoundFile[]): Map<string, FoundFile> {
  const folder = folderOf(config.path);
  const files = new Map<string, FoundFile>();
  const own = found.filter(({ path }) => folderOf(path) === folder && isPolicyFile(nameOf(path)));
  // Where the weights are in one file, others are of no use (adapters, or the same weights in parts).
  const hasWhole = own.some(({ path }) => nameOf(path) === WHOLE);
  for (const file of own) {
    const name = nameOf(file.path);
    if (files.has(name)) fail(`The file ${quote(name)} is there twice.`);
    if (!hasWhole || name === WHOLE || !name.includes('.safetensors')) files.set(name, file);
  }
  return files;
}

function onlyFile(found: readonly FoundFile[]): Map<string, FoundFile> {
  const weights = found.filter(({ path }) => isWeights(path));
  const [file] = weights;
  if (!file) fail(`There is neither a ${CONFIG} nor a .safetensors file.`);
  if (weights.length > 1) {
    fail(
      `There are ${weights.length} .safetensors files and no ${CONFIG} that says how they fit together.`,
    );
  }
  return new Map([[OWN_FILE, file]]);
}

/** Reads what `choosePolicyFiles` has chosen. Throws SafetensorsError, whose message is one sentence for people. */
export function readPolicyFiles(files: PolicyFiles): Policy {
  const own = files.get(OWN_FILE);
  return own === undefined || files.has(CONFIG) ? readPolicyFolder(files) : readOwn(own);
}

function readOwn(bytes: Uint8Array): Policy {
  try {
    return readPolicy(bytes);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    return fail(
      `${error.message} A model of another format needs its folder, with ${CONFIG} and tokenizer.json.`,
    );
  }
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
