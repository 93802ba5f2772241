import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { policyFolder } from '../../src/export/hf_folder';
import { parseTrainerLog, type TrainerLog } from '../../src/export/logs/read_trainer_log';
import { trlLog, verlLog } from '../../src/export/logs/trainer_logs';
import { readLlamaConfig } from '../../src/model/foreign/config';
import { readPolicyFolder } from '../../src/model/foreign/folder';
import { readTokenizer } from '../../src/model/foreign/tokenizer';
import { readShards } from '../../src/model/foreign/weights';
import { defaultRecipe } from '../../src/recipe/schema';
import type { StepMetrics } from '../../src/rl/metrics';
import { bpeFolder } from '../setup/hf_bpe';
import { hostileBytes, hostileJson } from './hostile';
import {
  headers,
  ofValue,
  READ,
  refused,
  same,
  thrown,
  type Outcome,
  type Reader,
} from './readers';

/** Readers of what other tools write: folders of Hugging Face, logs of TRL and verl. */

const folder = bpeFolder();
const bytesOf = (text: string) => new TextEncoder().encode(text);
const jsonOf = (name: string) =>
  JSON.parse(new TextDecoder().decode(folder.get(name))) as Record<string, unknown>;

/** A reader that throws what it refuses. */
const ofJsonText = (text: string, read: (value: unknown) => void) =>
  ofValue(text, (value) => thrown(() => read(value)));

const llama = jsonOf('config.json');
const scaled = {
  ...llama,
  rope_parameters: null,
  rope_scaling: { type: 'default' },
  rope_theta: 7,
};

const config: Reader = {
  name: 'config.json',
  inputs: hostileJson([llama, scaled, { ...llama, eos_token_id: [3, 1] }]),
  read: (text: string) =>
    ofJsonText(text, (value) => {
      const { spec, eos } = readLlamaConfig(value);
      const again = readLlamaConfig({ model_type: 'llama', ...spec, eos_token_id: eos });
      same(again, { spec, eos }, 'config.json');
    }),
};

/** A small vocabulary, with the parts of real files. */
const SIZE = 12;
const LETTERS = ['<s>', '</s>', 'a', 'b', 'ab', '▁', '▁a', '<0x41>', '1', 'é', 'Ġ'];
const small = {
  added_tokens: [
    { id: 0, content: '<s>', special: true, normalized: false },
    { id: 11, content: 'aaaa', special: false, normalized: true, lstrip: true },
  ],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: '\\p{L}+| ?[^a]+' }, behavior: 'Isolated', invert: false },
      { type: 'FixedLength', length: 4 },
      { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
    ],
  },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    byte_fallback: true,
    unk_token: '<s>',
    vocab: Object.fromEntries(LETTERS.map((text, id) => [text, id])),
    merges: ['a b', '▁ a'],
  },
};
const words = {
  added_tokens: [],
  model: { type: 'WordLevel', vocab: { a: 0, ab: 1, '</s>': 2 }, unk_token: '<unk>' },
};

/** Regular expressions, some of which take for ever on a few dozen letters. */
const regex = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        'b',
        '.',
        '[ab]',
        '\\p{L}',
        '\\s',
        '\\b',
        '(',
        '(?:',
        '(?=',
        '(?<!',
        '(?i:',
        ')',
        '|',
      ],
      ...[
        '*',
        '+',
        '?',
        '{2,}',
        '{1,9}',
        '+?',
        '++',
        '[',
        ']',
        '^',
        '$',
        '\\1',
        '\\',
        '(a+)+',
        '(a|a)*',
      ],
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

const withRegex = fc.tuple(regex, fc.nat(2)).map(([Regex, place]) => {
  const pattern = { Regex };
  const replace = { type: 'Replace', pattern, content: 'b' };
  const long = { id: 11, content: 'a'.repeat(60), special: false, normalized: true };
  const parts = [
    { normalizer: replace },
    { pre_tokenizer: { type: 'Split', pattern, behavior: 'Isolated', invert: false } },
    { decoder: replace },
  ];
  return JSON.stringify({ ...small, added_tokens: [long], ...parts[place] });
});

const TEXTS = ['a b 1', 'aaaaaaaa b', `${'a'.repeat(40)}!`, `${' '.repeat(40)}\u0301é`];

const tokenizer: Reader = {
  name: 'tokenizer.json',
  inputs: fc.oneof(
    { weight: 4, arbitrary: hostileJson([small, words]) },
    { weight: 1, arbitrary: withRegex },
  ),
  read: (text: string) =>
    ofJsonText(text, (value) => {
      const settings = { eos_token: { content: '</s>' } };
      const { vocabulary, prefix, eos, encode } = readTokenizer(value, settings, SIZE);
      const within = (id: number) => Number.isInteger(id) && id >= 0 && id < SIZE;
      same(vocabulary.length, SIZE, 'texts of tokens');
      if (vocabulary.some((token) => token.length > 200)) throw new Error('a token is too long');
      if (![...prefix, eos ?? 0].every(within)) throw new Error('no token of the model');
      for (const given of TEXTS) {
        thrown(() => {
          if (!encode(given).every(within)) throw new Error(`no tokens of the model: ${given}`);
        });
      }
    }),
};

const NAMES = [...folder.keys()].filter((name) => name !== 'expected.json');
/** What differs from the example: files by name, null for one that is not there. */
type Changes = readonly (readonly [string, Uint8Array | null])[];

function changed(changes: Changes): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array | null>([...folder, ...changes]);
  return new Map([...files].flatMap(([name, bytes]) => (bytes ? [[name, bytes] as const] : [])));
}

/** The folder with one file changed, left out or under another name too. */
const folders: fc.Arbitrary<Changes> = fc.constantFrom(...NAMES).chain((name) => {
  const bytes = folder.get(name) ?? new Uint8Array(0);
  const other = name.endsWith('.json')
    ? hostileJson([jsonOf(name)]).map(bytesOf)
    : fc.oneof(headers(bytes), hostileBytes([bytes]));
  return fc.oneof(
    { weight: 8, arbitrary: other.map((by): Changes => [[name, by]]) },
    { weight: 1, arbitrary: fc.constant<Changes>([[name, null]]) },
    { weight: 1, arbitrary: fc.constant<Changes>([['model.safetensors', bytes]]) },
  );
});

const wholeFolder: Reader = {
  name: 'folder',
  inputs: folders,
  read: (changes: Changes) =>
    thrown(() => {
      const policy = readPolicyFolder(changed(changes));
      const left = policyFolder(policy);
      const again = readPolicyFolder(left);
      same([again.spec, again.task], [policy.spec, policy.task], 'folder');
      same(again.tokenizer?.eos, policy.tokenizer?.eos, 'its end token');
      same([...again.weights.keys()], [...policy.weights.keys()], 'its tensors');
    }),
};

const { spec } = readLlamaConfig(llama);
const SHARDS = NAMES.filter((name) => name.startsWith('model'));

const shards: Reader = {
  name: 'shards and index',
  inputs: fc
    .tuple(folders, fc.constantFrom(...SHARDS), fc.constantFrom(...SHARDS), fc.boolean())
    .map(([changes, a, b, swap]): Changes => {
      const files = changed(changes);
      const of = (name: string) => files.get(name) ?? null;
      return swap ? [...changes, [a, of(b)], [b, of(a)]] : changes;
    }),
  read: (changes: Changes) =>
    thrown(() => {
      for (const [name, { data }] of readShards(changed(changes), spec)) {
        if (!data.every(Number.isFinite)) throw new Error(`${name} is not finite`);
      }
    }),
};

const history = (
  JSON.parse(readFileSync(new URL('../fixtures/scale/trl_run.json', import.meta.url), 'utf8')) as {
    log_history: object[];
  }
).log_history;
const LINES = [1, 2, 4].map((step) => ({
  step,
  data: { 'actor/entropy': 0.5 / step, 'critic/score/mean': 0.25, 'actor/grad_norm': 1 },
}));

/** A log under the names that its trainer has, with what was read of it. */
function written({ trainer, steps, columns }: TrainerLog): string {
  const run = {
    ...{ name: 'x', arm: 'x', recipe: defaultRecipe, changed: [], groups: [] },
    steps: Array.from({ length: steps }, (_, i) => i + 1),
    columns: new Map(
      [...columns].map(([key, values]): [keyof StepMetrics, (number | null)[]] => [
        key,
        [...values].map((value) => (Number.isNaN(value) ? null : value)),
      ]),
    ),
  };
  return trainer === 'trl' ? trlLog(run) : verlLog(run);
}

function readLog(text: string): Outcome {
  const log = parseTrainerLog(text);
  if (!log.ok) return refused(log.problems);
  const { columns, steps } = log.value;
  for (const [key, values] of columns) {
    if (values.length !== steps || values.some((value) => Math.abs(value) > 1e30))
      throw new Error(`${key} is not a number for each step`);
  }
  if (steps > 1000) return READ;
  const again = parseTrainerLog(written(log.value));
  if (!again.ok) throw new Error(`a log that was read is refused: ${again.problems[0]?.message}`);
  const plain = ({ columns: all }: TrainerLog) =>
    [...all].map(([key, list]) => [key, [...list]] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  same(plain(again.value), plain(log.value), 'log');
  return READ;
}

export const FOREIGN_READERS: readonly Reader[] = [
  config,
  tokenizer,
  wholeFolder,
  shards,
  {
    name: 'log of TRL',
    inputs: hostileJson([{ log_history: history }, history, history.slice(0, 1)]),
    read: readLog,
  },
  {
    name: 'log of verl',
    inputs: fc
      .oneof(
        { weight: 1, arbitrary: fc.array(hostileJson(LINES), { maxLength: 3 }) },
        {
          weight: 2,
          arbitrary: hostileJson(LINES).map((line) => [
            ...LINES.slice(0, 1).map((one) => JSON.stringify(one)),
            line,
          ]),
        },
      )
      .map((lines) => lines.join('\n')),
    read: readLog,
  },
];
