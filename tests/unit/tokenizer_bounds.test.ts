import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTokenizer } from '../../src/model/foreign/tokenizer';
import { matchingCost } from '../../src/model/foreign/regex_cost';
import { bpeFolder } from '../setup/hf_bpe';

/** A hostile tokenizer.json cannot make the program work for long: what it may ask for is bounded before it is run. */

const file = () =>
  JSON.parse(new TextDecoder().decode(bpeFolder().get('tokenizer.json'))) as Record<
    string,
    unknown
  >;
const SIZE = 328;
const read = (change: object) => readTokenizer({ ...file(), ...change }, {}, SIZE);
const split = (Regex: string) => ({
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  },
});

/** What models of the Llama architecture split text by. */
const REAL = {
  'GPT-2': "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  'Llama 3':
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  o200k:
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  'DeepSeek-V3':
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  BLOOM: ' ?[^(\\s|[.,!?…。，、।۔،])]+',
  'digits from the right': '\\d{1,3}(?=(?:\\d{3})*\\b)',
};

describe('expressions of known models are read', () => {
  test.each(Object.entries(REAL))('%s', (_, regex) => {
    expect(read(split(regex)).encode('the answer is 75')).not.toEqual([]);
  });
});

describe('an expression that can take for ever is refused', () => {
  const HOSTILE = [
    ...['(a+)+$', '(?:a*)*b', '(a|a)*b', '(a|b|ab)*c', '(?:a+b?)+c', '((a{0,9})){9}b', '(a?){40}b'],
    ...['(?=(a+)+b)', '(?<!(a+)+b)a', 'a*a*a*a*a*a*a*b', 'a{1,99}a{1,99}a{1,99}b', '(a)\\1*'],
    ...['(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)b', `${'a?'.repeat(30)}b`],
    '(?i:(?:a+)+)b',
  ];
  test.each(HOSTILE)('%s', (regex) => {
    expect(() => read(split(regex))).toThrow(/can take for ever/);
  });

  test.each(['normalizer', 'decoder'])('in the %s too', (stage) => {
    const replace = { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: 'b' };
    expect(() => read({ [stage]: replace })).toThrow(/can take for ever/);
    const nested = {
      type: 'Sequence',
      ...{ normalizers: [replace], decoders: [replace] },
    };
    expect(() => read({ [stage]: nested })).toThrow(/can take for ever/);
  });

  test('and is not run on its own added tokens first', () => {
    const evil = { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: 'b' };
    const token = { id: 5, content: `${'a'.repeat(60)}b`, normalized: true, special: false };
    expect(() => read({ normalizer: evil, added_tokens: [token] })).toThrow(/can take for ever/);
  });
});

test('the bound holds: whatever it lets pass has failed on 24 letters in no time', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '\\p{L}', '(?=a)', '(?:)', '\\b');
  const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?');
  const { regex } = fc.letrec<{ regex: string; choice: string }>((tie) => ({
    regex: fc
      .array(
        fc.tuple(fc.oneof({ maxDepth: 3, depthIdentifier: 'r' }, atom, tie('choice')), quantifier),
        { minLength: 1, maxLength: 4 },
      )
      .map((parts) =>
        parts.map(([one, times]) => (/\(\?=|\\b/.test(one) ? one : one + times)).join(''),
      ),
    choice: fc.tuple(tie('regex'), tie('regex')).map(([x, y]) => `(?:${x}|${y})`),
  }));
  const n = 24;
  const texts = ['a'.repeat(n), `${'ab'.repeat(n / 2)}`, `${'a'.repeat(n - 1)}c`];
  let allowed = 0;
  fc.assert(
    fc.property(regex, (source) => {
      const cost = matchingCost(source);
      const compiled = new RegExp(`${source}(?!)`, 'gu');
      if (cost === null || cost.ways > 256 || cost.degree > 2) return;
      allowed += 1;
      const start = process.cpuUsage();
      for (const text of texts) text.match(compiled);
      const { user, system } = process.cpuUsage(start);
      // 3 texts, 24 places, 256 ways of 24² steps are 10 million; what doubles with each letter would be far more.
      expect((user + system) / 1000).toBeLessThan(5_000);
    }),
    { numRuns: 300, seed: 5 },
  );
  expect(allowed).toBeGreaterThan(50);
});

test.each<[string, object, RegExp]>([
  ['pieces of no length', { pre_tokenizer: { type: 'FixedLength', length: 0 } }, /no length/],
  [
    'replacements that double a text each time',
    {
      normalizer: {
        type: 'Sequence',
        normalizers: Array.from({ length: 40 }, () => ({
          ...{ type: 'Replace', pattern: { String: 'a' }, content: 'aa' },
        })),
      },
    },
    /normalizer .* times as long/,
  ],
  [
    'templates that repeat a text',
    {
      post_processor: {
        type: 'Sequence',
        processors: Array.from({ length: 9 }, () => ({
          type: 'TemplateProcessing',
          single: Array.from({ length: 9 }, () => ({ Sequence: { id: 'A', type_id: 0 } })),
        })),
      },
    },
    /post_processor .* times as long/,
  ],
  [
    'an id of four thousand million',
    { added_tokens: [{ id: 2 ** 32 - 2, content: 'x' }] },
    /an id that the model has not/,
  ],
  [
    'a token of a million letters',
    { added_tokens: [{ id: 1, content: 'x'.repeat(1e6) }] },
    /a token of 1000000 letters/,
  ],
  [
    'a hundred thousand added tokens',
    { added_tokens: Array.from({ length: 1e5 }, () => ({ id: 1, content: 'x' })) },
    /adds 100000 tokens/,
  ],
  ['a split by nothing', { pre_tokenizer: { type: 'Split', pattern: {} } }, /without a pattern/],
])('%s: refused before it is made', (_, change, why) => {
  expect(() => read(change)).toThrow(why);
});

test('a token before every text that is not in the vocabulary is refused, not taken for token 0', () => {
  const single = [{ SpecialToken: { id: 'nowhere' } }, { Sequence: { id: 'A' } }];
  const post_processor = { type: 'TemplateProcessing', single };
  expect(() => read({ post_processor })).toThrow(/a token that it has not/);
});
