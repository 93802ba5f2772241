import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { policyFolder } from '../../src/export/hf_folder';
import { choosePolicyFiles, readPolicyFiles } from '../../src/model/foreign/policy_files';
import { policyFilesInZip, zipOf } from '../../src/model/foreign/zip';
import { writePolicy } from '../../src/model/policy';
import { SafetensorsError } from '../../src/model/safetensors';
import { bpeFolder } from '../setup/hf_bpe';
import { basePolicy } from '../setup/hf_logits';

const file = (path: string, bytes = 10) => ({ path, bytes });
const chosen = (...found: { path: string; bytes: number }[]) =>
  [...choosePolicyFiles(found)].map(([name, { path }]) => `${name} ${path}`);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SafetensorsError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

test('of a folder the files of the policy are chosen, and nothing of other folders or systems', () => {
  expect(
    chosen(
      file('m/README.md'),
      file('m/config.json'),
      file('m/._config.json'),
      file('__MACOSX/m/config.json'),
      file('m/tokenizer.json'),
      file('m/model.safetensors'),
      file('m/adapter.safetensors'),
      file('m/original/model.safetensors'),
    ),
  ).toEqual([
    'config.json m/config.json',
    'tokenizer.json m/tokenizer.json',
    'model.safetensors m/model.safetensors',
  ]);
  expect(chosen(file('mine.safetensors'))).toEqual(['policy.safetensors mine.safetensors']);
});

test('none, several, and more than a page reads are refused before anything is read', () => {
  expect(refusal(() => chosen(file('a.txt')))).toContain('neither');
  expect(refusal(() => chosen(file('a/config.json'), file('b/config.json')))).toContain('several');
  expect(refusal(() => chosen(file('a.safetensors'), file('b.safetensors')))).toContain(
    'no config',
  );
  expect(refusal(() => chosen(file('a.safetensors', 2 ** 30 + 1)))).toContain('1024 MB');
  expect(refusal(() => chosen(file('config.json', 2 ** 27)))).toContain('config.json');
  const half = 2 ** 29 + 1;
  expect(
    refusal(() =>
      chosen(file('config.json'), file('a.safetensors', half), file('b.safetensors', half)),
    ),
  ).toContain('1025 MB');
  const many = Array.from({ length: 300 }, (_, i) => file(`${i}.safetensors`));
  expect(refusal(() => chosen(file('config.json'), ...many))).toContain('256 files');
});

test.each([0, 6] as const)('a zip gives back the files of the policy (level %i)', (level) => {
  const files = bpeFolder();
  const zip = zipSync(
    Object.fromEntries([...files].map(([name, bytes]) => [`bpe/${name}`, bytes])),
    { level },
  );
  const read = policyFilesInZip(zip);
  expect(read.get('tokenizer.json')).toEqual(files.get('tokenizer.json'));
  const { tokenizer: a, ...policy } = readPolicyFiles(read);
  const { tokenizer: b, ...whole } = readPolicyFiles(files);
  expect(policy).toEqual(whole);
  expect(a?.eos).toBe(b?.eos);
});

test('what we zip comes back; what we write as one file, too', () => {
  const policy = basePolicy('chain-sum');
  const back = readPolicyFiles(policyFilesInZip(zipOf('policy', policyFolder(policy))));
  expect(back.weights).toEqual(policy.weights);
  expect(back.task).toBe('chain-sum');
  const own = policyFilesInZip(zipOf('x', new Map([['any.safetensors', writePolicy(policy)]])));
  expect(readPolicyFiles(own)).toEqual(policy);
});

/** Places of a number in a zip's central directory, whose entries begin with PK\1\2. */
function directory(zip: Uint8Array): number[] {
  return [...zip.keys()].filter(
    (i) => zip[i] === 0x50 && zip[i + 1] === 0x4b && zip[i + 2] === 1 && zip[i + 3] === 2,
  );
}

test('an archive that claims too much, or other sizes than it has, is refused and never unpacked', () => {
  const zeros = new Uint8Array(2 ** 20);
  const zip = zipSync({ 'config.json': zeros.slice(0, 9), 'model.safetensors': zeros });
  expect(zip.length).toBeLessThan(5_000);
  const entry = directory(zip)[1];
  const claim = (bytes: number) => {
    const copy = zip.slice();
    new DataView(copy.buffer).setUint32(entry + 24, bytes, true);
    return copy;
  };
  expect(refusal(() => policyFilesInZip(claim(0xf0000000)))).toContain('MB');
  expect(refusal(() => policyFilesInZip(claim(2 ** 21)))).toContain('damaged');
  expect(refusal(() => policyFilesInZip(zip.slice(0, -30)))).toContain('damaged');
  expect(refusal(() => policyFilesInZip(new Uint8Array(3)))).toContain('damaged');
  // Of a file that is not the policy's the claim is nobody's business: it stays packed.
  const beside = zipSync({ 'config.json': zeros.slice(0, 9), 'bomb.bin': zeros });
  expect([...policyFilesInZip(beside).keys()]).toEqual(['config.json']);
});

test('names in an archive become no keys of anything', () => {
  const zip = zipSync({ 'config.json': new Uint8Array(3), ['..proto..']: new Uint8Array(5) });
  // As no library would write it.
  for (let i = 0; i < zip.length; i++) {
    if (new TextDecoder().decode(zip.subarray(i, i + 9)) === '..proto..') {
      zip.set(new TextEncoder().encode('__proto__'), i);
    }
  }
  expect(new TextDecoder().decode(zip)).toContain('__proto__');
  expect([...policyFilesInZip(zip).keys()]).toEqual(['config.json']);
  expect(Object.prototype).not.toHaveProperty('length');
});
