import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { csv } from '../../src/export/csv';
import { readCase } from '../../src/engine/case_file';
import { readCheckpoint, readRuns, writeCheckpoint, writeRuns } from '../../src/engine/checkpoint';
import { FRESH } from '../../src/engine/controls';
import { RlvrError } from '../../src/errors/failure';
import { readPolicyFiles } from '../../src/model/foreign/policy_files';
import { policyFilesInZip, zipOf } from '../../src/model/foreign/zip';
import { initialWeights } from '../../src/model/init';
import { parseStrictJson } from '../../src/model/json';
import { readPolicy, writePolicy } from '../../src/model/policy';
import {
  parseSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SafetensorsTensor,
} from '../../src/model/safetensors';
import type { ModelSpec } from '../../src/model/spec';
import { parseCatalogue } from '../../src/recipe/catalogue';
import { parseExperiment } from '../../src/recipe/experiment';
import { decodeExperiment, encodeExperiment } from '../../src/recipe/link';
import { defaultExperiment } from '../../src/recipe/presets';
import { defaultRecipe, parseRecipe } from '../../src/recipe/schema';
import type { Problem, Result } from '../../src/recipe/untrusted';
import { parseRecord } from '../../src/storage/read_record';
import { readRunFile } from '../../src/storage/read_run_file';
import {
  align,
  DIGEST_BYTES,
  digestOf,
  PREFIX_BYTES,
  writeRunFile,
} from '../../src/storage/run_file';
import type { RunRecord } from '../../src/storage/record';
import { readTeacherLink, teachersLink } from '../../src/store/teacher_link';
import { keptRun } from '../setup/kept_run';
import { hostileAddress, hostileBytes, hostileJson, joined } from './hostile';

/** What a reader made of an input: a value, which was also written and read again, or a refusal in sentences. */
export type Outcome =
  { readonly read: true } | { readonly read: false; readonly why: readonly string[] };

/** Something that takes what strangers send; `read` throws where that is handled in any way but the two. */
export interface Reader {
  readonly name: string;
  readonly inputs: fc.Arbitrary<unknown>;
  readonly read: (input: never) => Outcome | Promise<Outcome>;
}

export const READ: Outcome = { read: true };
export const refused = (problems: readonly Problem[]): Outcome => ({
  read: false,
  why: problems.map(({ message }) => message),
});

/** Refusals that are thrown; anything else that is thrown is a finding. */
export function thrown(read: () => void): Outcome {
  try {
    read();
    return READ;
  } catch (error) {
    if (error instanceof SafetensorsError) return { read: false, why: [error.message] };
    if (error instanceof RlvrError) {
      const { failure } = error;
      return { read: false, why: 'detail' in failure ? [failure.detail] : [failure.kind] };
    }
    throw error;
  }
}

export function same(got: unknown, wanted: unknown, what: string): void {
  const texts = [got, wanted].map((value) => JSON.stringify(value));
  if (texts[0] !== texts[1]) throw new Error(`${what}: ${texts[1]} came back as ${texts[0]}`);
}

/** What becomes of a text whose value `read` is given; one that is no JSON never comes to it. */
export function ofValue(text: string, read: (value: unknown) => Outcome): Outcome {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { read: false, why: [error.message] };
    throw error;
  }
  return read(value);
}

/** A reader of JSON values; what it takes must survive being written. */
function ofJson<T>(
  name: string,
  examples: readonly unknown[],
  parse: (value: unknown) => Result<T>,
): Reader {
  return {
    name,
    inputs: hostileJson(examples),
    read: (text: string) =>
      ofValue(text, (value) => {
        const parsed = parse(value);
        if (!parsed.ok) return refused(parsed.problems);
        const again = parse(JSON.parse(JSON.stringify(parsed.value)));
        same(again, parsed, name);
        return READ;
      }),
  };
}

const SPEC: ModelSpec = {
  ...{ vocab_size: 5, hidden_size: 4, intermediate_size: 4, num_hidden_layers: 1 },
  ...{ num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 16 },
  ...{ rms_norm_eps: 1e-5, rope_theta: 10000, tie_word_embeddings: true },
};
const policy = writePolicy({
  spec: SPEC,
  weights: initialWeights(SPEC, 1),
  task: 'maze-small',
  vocabulary: ['a', 'b', '', '__proto__', '<end>'],
  made: { steps: 3, by: { name: 'a test' } },
});

const numbers = (n: number) => Float32Array.from({ length: n }, (_, i) => i / 8);
const savedRun = {
  ...{ recipe: defaultRecipe, controls: { ...FRESH, baseEntropy: 0.5 } },
  ...{ adamSteps: 3, tokens: 99, deadSteps: 0 },
  ...{ weights: numbers(8), m: numbers(8), v: numbers(8) },
};
const savedRuns = writeRuns({ step: 3, runs: new Map([['arm-1#0', savedRun]]) });
const checkpoint = writeCheckpoint([{ step: 3, runs: [savedRun, savedRun] }]);

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));
const json = (path: string): unknown => JSON.parse(read(path).toString());
const EXPERIMENTS = ['par-schedules', 'identity', 'off-policy-updates'];

/** A conformance case of two rows of three positions. */
function smallCase(): Uint8Array {
  const { metadata } = parseSafetensors(read('tests/fixtures/cases/grpo.safetensors'));
  const config = JSON.parse(metadata.get('config') ?? '') as object;
  const weights = [...initialWeights(SPEC, 1)].map(
    ([name, tensor]): [string, SafetensorsTensor] => [name, { dtype: 'F32', ...tensor }],
  );
  const whole = (shape: readonly number[], ...values: readonly number[]): SafetensorsTensor => ({
    ...{ dtype: 'I32', shape, data: Int32Array.from(values) },
  });
  const real = (): SafetensorsTensor => ({ dtype: 'F32', shape: [2, 3], data: numbers(6) });
  const tensors = new Map<string, SafetensorsTensor>([
    ...weights,
    ['input.tokens', whole([2, 3], 0, 1, 2, 3, 4, 0)],
    ['input.prompt_length', whole([2], 1, 1)],
    ['input.length', whole([2], 3, 2)],
    ['input.old_logprob', real()],
    ['input.ref_logprob', real()],
    ['input.advantage', real()],
    ['expected.loss', { dtype: 'F32', shape: [], data: numbers(1) }],
  ]);
  return writeSafetensors(
    tensors,
    new Map([...metadata, ['config', JSON.stringify({ ...config, model: SPEC })]]),
  );
}

/** A record without most of its numbers. */
function smallRecord(): unknown {
  const record = json('public/runs/identity.json') as RunRecord;
  const [name] = record.experiment.arms.map((arm) => arm.name);
  const arms = record.arms.slice(0, 1).map((arm) => ({
    ...arm,
    runs: arm.runs
      .slice(0, 1)
      .map(({ steps, series, evaluations, measures, rollouts, ...run }) => ({
        ...run,
        steps: steps.slice(0, 3),
        series: Object.fromEntries(
          Object.entries(series)
            .slice(0, 8)
            .map(([key, values]) => [key, values.slice(0, 3)]),
        ),
        evaluations: evaluations.slice(0, 2),
        measures: measures.slice(0, 1),
        ...(rollouts && {
          rollouts: rollouts
            .slice(0, 1)
            .map((group) => ({ ...group, responses: group.responses.slice(0, 2) })),
        }),
      })),
  }));
  const { experiment, summary } = record;
  return {
    ...record,
    arms,
    experiment: {
      ...experiment,
      about: null,
      arms: experiment.arms.slice(0, 1),
      seeds: experiment.seeds.slice(0, 1),
    },
    summary: {
      ...summary,
      runs: summary.runs.filter(({ arm }) => arm === name).slice(0, 1),
      arms: summary.arms.filter(({ arm }) => arm === name),
      pairs: [],
    },
  };
}

/** A safetensors file whose header is changed as text, its length put right: what gets past the first checks. */
export function headers(bytes: Uint8Array): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const data = bytes.subarray(8 + length);
  return hostileJson([header]).map((text) => {
    const changed = new TextEncoder().encode(text);
    const whole = new Uint8Array(8 + changed.length + data.length);
    new DataView(whole.buffer).setBigUint64(0, BigInt(changed.length), true);
    whole.set(changed, 8);
    whole.set(data, 8 + changed.length);
    return whole;
  });
}

/** A safetensors file with one text of its metadata, which is JSON itself, changed. */
function metadata(bytes: Uint8Array, key: string): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const file = parseSafetensors(bytes);
  const value: unknown = JSON.parse(file.metadata.get(key) ?? 'null');
  return hostileJson([value]).map((text) =>
    writeSafetensors(file.tensors, new Map([...file.metadata, [key, text.slice(0, 5000)]])),
  );
}

const safetensors = (bytes: Uint8Array, ...keys: readonly string[]) =>
  fc.oneof(hostileBytes([bytes]), headers(bytes), ...keys.map((key) => metadata(bytes, key)));

const runFile = await writeRunFile(keptRun());

/** A run file with another header and a digest that fits: what a forger would send. */
function forgedRuns(): fc.Arbitrary<Promise<Uint8Array<ArrayBuffer>>> {
  const length = new DataView(runFile.buffer).getUint32(12, true);
  const header: unknown = JSON.parse(
    new TextDecoder().decode(runFile.subarray(PREFIX_BYTES, PREFIX_BYTES + length)),
  );
  const data = runFile.subarray(align(PREFIX_BYTES + length), -DIGEST_BYTES);
  return hostileJson([header]).map(async (text) => {
    const changed = new TextEncoder().encode(text);
    const body = new Uint8Array(align(PREFIX_BYTES + changed.length) + data.length);
    body.set(runFile.subarray(0, PREFIX_BYTES));
    new DataView(body.buffer).setUint32(12, changed.length, true);
    body.set(changed, PREFIX_BYTES);
    body.set(data, body.length - data.length);
    return joined(body, await digestOf(body));
  });
}

export const READERS: readonly Reader[] = [
  ofJson('recipe', [defaultRecipe, { task: 'maze', dual_clip: 3 }], (value) => parseRecipe(value)),
  ofJson(
    'experiment',
    EXPERIMENTS.map((id) => json(`public/experiments/${id}.json`)),
    (value) => parseExperiment(value),
  ),
  ofJson('catalogue', [json('public/experiments/index.json')], parseCatalogue),
  ofJson('record', [smallRecord()], (value) => parseRecord(value)),
  {
    name: 'link',
    inputs: hostileJson([defaultExperiment(false), defaultExperiment(true)]),
    read: (text: string) => {
      for (const link of [text, Buffer.from(text).toString('base64url')]) {
        const decoded = decodeExperiment(link);
        if (link !== text && !decoded.ok) return refused(decoded.problems);
        if (!decoded.ok) continue;
        const { value } = decoded;
        const again = decodeExperiment(encodeExperiment(value));
        same(again, { ok: true, value: { ...value, about: null } }, 'link');
      }
      return READ;
    },
  },
  {
    name: "teacher's link",
    inputs: hostileAddress(['hide', 'lock', 'ask', 'lesson'], ['controls,rollouts', '1', 'Why?']),
    read: (pairs: readonly (readonly [string, string])[]) => {
      const { ignored, ...link } = readTeacherLink(
        new URLSearchParams(pairs.map((pair) => [...pair])),
      );
      const written = new URL(teachersLink('https://x.example/', null, link)).searchParams;
      same(readTeacherLink(written), { ...link, ignored: [] }, "teacher's link");
      return ignored.length > 0 ? { read: false, why: ignored } : READ;
    },
  },
  {
    name: 'safetensors',
    inputs: safetensors(savedRuns),
    read: (bytes: Uint8Array<ArrayBuffer>) =>
      thrown(() => {
        const { tensors, metadata: texts } = parseSafetensors(bytes);
        const again = parseSafetensors(writeSafetensors(tensors, texts));
        same([...again.tensors.keys()], [...tensors.keys()], 'names');
        same([...again.metadata], [...texts], 'metadata');
      }),
  },
  {
    name: 'policy',
    inputs: safetensors(policy, 'config', 'vocabulary', 'made'),
    read: (bytes: Uint8Array<ArrayBuffer>) =>
      thrown(() => {
        const first = readPolicy(bytes);
        const { weights, ...rest } = readPolicy(writePolicy(first));
        same(rest, { ...first, weights: undefined }, 'policy');
        same([...weights.keys()], [...first.weights.keys()], 'weights');
      }),
  },
  {
    name: 'archive of a policy',
    inputs: hostileBytes([
      zipOf('own', new Map([['mine.safetensors', policy]])),
      zipSync({ 'x/config.json': strToU8('{}'), 'x/tokenizer.json': strToU8('{}') }),
    ]),
    read: (bytes: Uint8Array<ArrayBuffer>) =>
      thrown(() => {
        const files = policyFilesInZip(bytes);
        same([...policyFilesInZip(zipOf('again', files)).keys()], [...files.keys()], 'archive');
        readPolicyFiles(files);
      }),
  },
  {
    name: 'checkpoint',
    inputs: fc.oneof(
      safetensors(savedRuns, 'runs').map((bytes) => ({ of: 'page', bytes })),
      safetensors(checkpoint, 'trainers').map((bytes) => ({ of: 'command line', bytes })),
    ),
    read: ({ of, bytes }: { readonly of: string; readonly bytes: Uint8Array<ArrayBuffer> }) =>
      thrown(() => {
        if (of === 'page') {
          const runs = readRuns(bytes);
          same(readRuns(writeRuns(runs)).step, runs.step, 'checkpoint');
        } else
          same(readCheckpoint(writeCheckpoint(readCheckpoint(bytes))), readCheckpoint(bytes), of);
      }),
  },
  {
    name: 'case',
    inputs: safetensors(smallCase(), 'config'),
    read: (bytes: Uint8Array<ArrayBuffer>) => thrown(() => readCase(parseSafetensors(bytes))),
  },
  {
    name: 'run file',
    inputs: fc.oneof(
      hostileBytes([runFile]).map((bytes) => Promise.resolve(bytes)),
      forgedRuns(),
    ),
    read: async (bytes: Promise<Uint8Array<ArrayBuffer>>) => {
      const parsed = await readRunFile(await bytes);
      if (!parsed.ok) return refused(parsed.problems);
      const again = await readRunFile(await writeRunFile(parsed.value));
      if (!again.ok)
        throw new Error(`a run that was read is refused: ${again.problems[0]?.message}`);
      return READ;
    },
  },
  {
    name: 'cells of a table',
    inputs: fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.double(),
        fc.constantFrom('=1+1', '-1', '@x', '\t=', '＝1', '\n=1', 'a;=1', ' =1', null),
      ),
    ),
    read: (cells: (string | number | null)[]) => {
      const text = csv(['h'], [cells]).slice('h\r\n'.length);
      // Whatever the separator a program takes, outside quotes no cell begins as a formula does.
      const bare = text.replace(/"(?:[^"]|"")*"/g, 'q');
      const parts = bare.split(/[,;\t\r\n]/).filter((cell) => /^[=+\-@＝＋－＠]/.test(cell));
      const formulas = parts.filter((cell) => !Number.isFinite(Number(cell)));
      if (formulas.length > 0) throw new Error(`a cell is a formula: ${JSON.stringify(formulas)}`);
      const begun = [...text.matchAll(/"((?:[^"]|"")*)"/g)].filter(([, inside = '']) =>
        /^[=+\-@\t\r\n＝＋－＠]/.test(inside),
      );
      if (begun.length > 0) throw new Error('a quoted cell is a formula');
      return READ;
    },
  },
];
