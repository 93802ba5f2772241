import { policyFacts } from '../engine/policy_facts';
import { RlvrError } from '../errors/failure';
import {
  choosePolicyFiles,
  MOST_POLICY_BYTES,
  readPolicyFiles,
  type PolicyFiles,
} from '../model/foreign/policy_files';
import { policyFilesInZip } from '../model/foreign/zip';
import type { PolicyEntry } from '../model/policy_facts';
import { SafetensorsError } from '../model/safetensors';
import { LONGEST_NAME } from '../recipe/experiment_parts';
import { ownPolicyName } from '../recipe/own_policy';
import { textProblem } from '../recipe/untrusted';
import { digestOfFiles } from '../storage/policy_shelf';
import { bytesOf, holdPolicy, keepPolicy, knownPolicy } from './own_policies';
import type { PolicyAnswer, PolicyRequest } from './protocol';

type Imported = Extract<PolicyRequest, { kind: 'import' }>['files'];

const ARCHIVE = /\.zip$/i;

/**
 * Reads what was chosen or dropped as one policy and keeps it: files, a folder, or an archive of one. Throws RlvrError
 * `badInput`, and nothing has changed then.
 */
export async function importPolicy(files: Imported): Promise<PolicyAnswer> {
  try {
    const read = await filesOf(files);
    const entry = await entryOf(nameOf(files), read);
    const known = await knownPolicy(entry);
    if (known !== null) return { kind: 'imported', entry: known, known: true, unkept: null };
    const failure = await keepPolicy(entry, read);
    if (failure === null) return { kind: 'imported', entry, known: false, unkept: null };
    const blobs = new Map(
      [...read].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]),
    );
    holdPolicy(entry.id, blobs);
    return { kind: 'imported', entry, known: false, unkept: { failure, files: blobs } };
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new RlvrError({ kind: 'badInput', field: 'policy', detail: error.message });
  }
}

/** Sizes are looked at before anything is read. */
async function filesOf(files: Imported): Promise<PolicyFiles> {
  const [only] = files;
  if (only !== undefined && files.length === 1 && ARCHIVE.test(only.path)) {
    if (only.file.size > MOST_POLICY_BYTES) {
      throw new SafetensorsError(
        `The archive has ${Math.ceil(only.file.size / 2 ** 20)} MB; ${MOST_POLICY_BYTES / 2 ** 20} MB is the most.`,
      );
    }
    return policyFilesInZip(new Uint8Array(await bytesIn(only.file)));
  }
  const found = files.map(({ path, file }) => ({ path, bytes: file.size, file }));
  const chosen = choosePolicyFiles(found);
  const blobs = new Map<string, Blob>();
  for (const [name, { path }] of chosen) {
    const own = found.find((file) => file.path === path);
    if (own !== undefined) blobs.set(name, own.file);
  }
  return bytesOf(blobs).catch(() => unreadable());
}

const bytesIn = (file: Blob) => file.arrayBuffer().catch(() => unreadable());

function unreadable(): never {
  throw new SafetensorsError('The browser could not read the files.');
}

async function entryOf(name: string, files: PolicyFiles): Promise<PolicyEntry> {
  const policy = readPolicyFiles(files);
  const digest = await digestOfFiles(files);
  const { tokenizer, vocabulary } = policy;
  return {
    id: ownPolicyName(digest),
    name,
    digest,
    bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
    imported: new Date().toISOString(),
    facts: policyFacts(policy),
    tokens: tokenizer ? { vocabulary, eos: tokenizer.eos, prefix: [...tokenizer.prefix] } : null,
  };
}

const WITHOUT_NAME = 'Imported policy';

/** Of the folder, the archive or the file that was chosen. */
function nameOf(files: Imported): string {
  const config = files.find(({ path }) => /(?:^|\/)config\.json$/.test(path));
  const parts = (config ?? files[0])?.path.split('/') ?? [];
  const name = (config ? parts.at(-2) : parts.at(-1)) ?? '';
  const short = name
    .replace(/\.(?:zip|safetensors)$/i, '')
    .slice(0, LONGEST_NAME)
    .trim();
  return textProblem('name', LONGEST_NAME, short) === null ? short : WITHOUT_NAME;
}
