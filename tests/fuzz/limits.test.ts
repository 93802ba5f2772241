import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readJson, readLines } from '../../src/cli/files';
import { RlvrError } from '../../src/errors/failure';
import { parseStrictJson } from '../../src/model/json';
import { parseSafetensors } from '../../src/model/safetensors';
import { parseExperiment } from '../../src/recipe/experiment';
import { decodeExperiment, encodeExperiment } from '../../src/recipe/link';
import { defaultExperiment } from '../../src/recipe/presets';
import { readOpenObject } from '../../src/storage/plain';
import { readRunFile, sizeProblem } from '../../src/storage/read_run_file';
import { digestOf, MAGIC, PREFIX_BYTES, VERSION, writeRunFile } from '../../src/storage/run_file';
import { keptRun } from '../setup/kept_run';
import { joined } from './hostile';

/** Inputs that claim, or are, far too much: refused for that, before anything of their size is made. */

const folder = mkdtempSync(join(tmpdir(), 'rlvr-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MB = 2 ** 20;

/** What a reader takes hold of, outside the heap of JavaScript too, and how long the processor works for it. */
async function cost(work: () => unknown): Promise<{ readonly bytes: number; readonly ms: number }> {
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  const { arrayBuffers, external } = process.memoryUsage();
  const bytes = Math.max(arrayBuffers - before.arrayBuffers, external - before.external);
  return { bytes, ms: (user + system) / 1000 };
}

const problemOf = (result: { readonly ok: boolean }) =>
  'problems' in result ? (result.problems as { message: string }[])[0]?.message : undefined;

test('a link of a quarter of a gigabyte is refused by its length', async () => {
  const link = 'A'.repeat(2 ** 28);
  const { bytes, ms } = await cost(() => {
    expect(problemOf(decodeExperiment(link))).toMatch(/268435456 letters long; 20000 is the limit/);
  });
  expect(bytes).toBeLessThan(MB);
  expect(ms).toBeLessThan(500);
});

test.each(['[', '{"a":', '[{"__proto__":'])('%s 100,000 deep is refused', (opening) => {
  expect(() => parseStrictJson(opening.repeat(1e5))).toThrow('it is nested too deeply');
  const link = Buffer.from('['.repeat(14_000)).toString('base64url');
  expect(problemOf(decodeExperiment(link))).toMatch(/holds no experiment/);
});

test.each([2n ** 63n, 2n ** 64n - 1n, 2n ** 53n, 1_000_001n, 100n])(
  'a header of safetensors that claims %s bytes is refused',
  async (claimed) => {
    const bytes = new Uint8Array(64).fill(0x7b);
    new DataView(bytes.buffer).setBigUint64(0, claimed, true);
    const made = await cost(() => expect(() => parseSafetensors(bytes)).toThrow(/header/));
    expect(made.bytes).toBeLessThan(MB);
  },
);

test('a tensor that claims more than there is, is refused before it is made', async () => {
  const entry = { dtype: 'F32', shape: [2 ** 20, 2 ** 18], data_offsets: [0, 2 ** 40] };
  const header = new TextEncoder().encode(JSON.stringify({ x: entry }));
  const bytes = joined(new Uint8Array(8), header, new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  const made = await cost(() => expect(() => parseSafetensors(bytes)).toThrow(/end of the file/));
  expect(made.bytes).toBeLessThan(MB);
});

/** A whole run file, digest and all, with this header and no numbers. */
async function runFile(header: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const body = joined(new TextEncoder().encode(MAGIC), new Uint8Array(8), json);
  const view = new DataView(body.buffer);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  return joined(body, await digestOf(body));
}

async function headerOfRun(): Promise<Record<string, unknown>> {
  const bytes = await writeRunFile(keptRun({ step: 0, checkpoint: null, evaluations: [] }));
  const length = new DataView(bytes.buffer).getUint32(12, true);
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  return JSON.parse(text) as Record<string, unknown>;
}

test('a run that claims a thousand million steps is refused before a number is made', async () => {
  const header = await headerOfRun();
  const claims = await runFile({ ...header, step: 1e9 });
  const made = await cost(async () => {
    expect(problemOf(await readRunFile(claims))).toMatch(/^step must be a whole number/);
  });
  expect(made.bytes).toBeLessThan(MB);
  // As many as a run may have, and none of them there.
  const experiment = header['experiment'] as { base: object };
  const long = { ...experiment, base: { ...experiment.base, steps: 100_000 } };
  const empty = await runFile({ ...header, experiment: long, step: 100_000 });
  expect(problemOf(await readRunFile(empty))).toMatch(/bytes of numbers where it needs/);
});

test('a file larger than any run is not opened', () => {
  expect(sizeProblem(2 ** 30)).toMatch(/1024 MB; a run has 512 MB at most/);
});

test('an object with a hundred thousand names is refused in no more than the time to read it', async () => {
  const many = Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`a${i}`, 1]));
  const header = await headerOfRun();
  const evaluations = [{ run: 'arm-1#0', step: 0, values: many }];
  const bytes = await runFile({ ...header, evaluations });
  const { ms } = await cost(async () => {
    expect(readOpenObject('values', many).ok).toBe(false);
    expect(problemOf(await readRunFile(bytes))).toMatch(/has more than 256 entries/);
    expect(parseExperiment(many).ok).toBe(false);
  });
  expect(ms).toBeLessThan(3_000);
});

test('a link that says a thing twice, or has half a letter in a name, is refused', () => {
  const twice = Buffer.from('{"name":"a","name":"b"}').toString('base64url');
  expect(problemOf(decodeExperiment(twice))).toMatch(/holds no experiment/);
  const half = encodeExperiment({ ...defaultExperiment(false), name: 'x' });
  const text = Buffer.from(half, 'base64url').toString().replace('"x"', '"\\ud800"');
  expect(problemOf(decodeExperiment(Buffer.from(text).toString('base64url')))).toMatch(
    /^name must be a text .* got "\\ud800"/,
  );
});

async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RlvrError && 'detail' in error.failure) return error.failure.detail;
    throw error;
  }
  throw new Error('it was read');
}

test('the command line opens no JSON of a gigabyte, and no text that is none', async () => {
  const path = join(folder, 'large.json');
  writeFileSync(path, '{');
  truncateSync(path, 2 ** 30); // a hole: it takes no room
  expect(await refusal(() => readJson(path, 'EXPERIMENT'))).toMatch(/1073741824 bytes, more than/);
  writeFileSync(path, Uint8Array.of(0x7b, 0xff, 0x7d));
  expect(await refusal(() => readJson(path, 'EXPERIMENT'))).toMatch(/not UTF-8/);
});

test('of the lines of a run the one it was stopped in is left out, and no other may be broken', async () => {
  const path = join(folder, 'metrics.jsonl');
  const line = (step: number) => JSON.stringify({ arm: 'GRPO', seed: 0, step, entropy: 1 });
  writeFileSync(path, `${line(1)}\n${line(2)}\n${line(3).slice(0, 20)}`);
  expect((await readLines(path, '--resume')).map(({ step }) => step)).toEqual([1, 2]);
  for (const broken of ['{"arm":', '[]', '{"arm":"a","seed":0}', '{"__proto__":{"step":1}}']) {
    writeFileSync(path, `${line(1)}\n${broken}\n${line(2)}\n`);
    expect(await refusal(() => readLines(path, '--resume'))).toMatch(/no line of a run as line 2/);
  }
});
