import { Tokenizer } from '@huggingface/tokenizers';
import { quote } from '../json';
import { SafetensorsError } from '../safetensors';
import { ownEntries } from './config';
import { matchingCost } from './regex_cost';

/**
 * What a stranger's tokenizer.json may ask of the library that runs it. The library follows any file: an id of four
 * thousand million is a loop as long, replacements in a row double a text each time, and a regular expression can take
 * longer than the universe has for forty letters. Real files are far below all of these.
 */
const MOST_LETTERS = 2_000_000;
const LONGEST_TOKEN = 1000;
const MOST_ADDED = 1024;
const MOST_GROWTH = 256;
const MOST_WAYS = 256;
const MOST_DEGREE = 2;

/** The parts of a file that change text, one after another. */
const STAGES = ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'] as const;

/** Texts of a part that are put into the text, once for each letter at most. */
const INSERTED = ['content', 'prepend', 'replacement', 'str_rep', 'suffix'];

function fail(message: string): never {
  throw new SafetensorsError(message);
}

/** Every object of a value, its own entries alone. */
function objects(value: unknown): ReadonlyMap<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = new Map(Object.entries(value));
  return [...(Array.isArray(value) ? [] : [own]), ...[...own.values()].flatMap(objects)];
}

/** How many times as long one part can make a text; refuses a part that would never end. */
function growth(part: ReadonlyMap<string, unknown>): number {
  const type = part.get('type');
  if (
    type === 'FixedLength' &&
    !(Number.isInteger(part.get('length')) && Number(part.get('length')) > 0)
  ) {
    fail('tokenizer.json cuts text into pieces of no length.');
  }
  if (type === 'Split' || type === 'Replace') {
    const pattern = ownEntries(part.get('pattern'), `The pattern of a ${type} in tokenizer.json`);
    const said = pattern.get('Regex') ?? pattern.get('String');
    if (typeof said !== 'string') fail(`tokenizer.json has a ${type} without a pattern.`);
  }
  const inserted = INSERTED.map((name) => part.get(name));
  const single = part.get('single');
  return inserted.reduce<number>(
    (product, text) => product * (typeof text === 'string' ? 1 + text.length : 1),
    Array.isArray(single) ? Math.max(1, single.length) : 1,
  );
}

function checkStages(file: ReadonlyMap<string, unknown>): void {
  for (const stage of STAGES) {
    const times = objects(file.get(stage)).reduce((product, part) => product * growth(part), 1);
    if (times > MOST_GROWTH) {
      fail(
        `The ${stage} of tokenizer.json can make a text more than ${MOST_GROWTH} times as long.`,
      );
    }
  }
}

type Token = readonly [text: string, id: number];

/** An entry of the vocabulary; refuses one that is too long, or whose id the model has not. */
function token(text: unknown, id: unknown, size: number): Token {
  if (typeof text !== 'string') fail('tokenizer.json has a token that is no text.');
  if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= size) {
    fail(`tokenizer.json gives the token ${quote(text)} an id that the model has not.`);
  }
  if (text.length > LONGEST_TOKEN) {
    fail(`tokenizer.json has a token of ${text.length} letters; ${LONGEST_TOKEN} is the limit.`);
  }
  return [text, Number(id)];
}

/** All tokens of a file, the added ones last, as the library takes them. */
function tokensOf(file: ReadonlyMap<string, unknown>, size: number): Token[] {
  const model = ownEntries(file.get('model'), 'The model of tokenizer.json');
  const vocab = ownEntries(model.get('vocab'), 'The vocabulary of tokenizer.json');
  const added = file.get('added_tokens') ?? [];
  if (!Array.isArray(added)) fail('The added_tokens of tokenizer.json are not a list.');
  if (added.length > MOST_ADDED) {
    fail(`tokenizer.json adds ${added.length} tokens; ${MOST_ADDED} is the limit.`);
  }
  const tokens = [...vocab].map(([text, id]) => token(text, id, size));
  for (const one of added) {
    const entry = ownEntries(one, 'An added token of tokenizer.json');
    tokens.push(token(entry.get('content'), entry.get('id'), size));
  }
  const letters = tokens.reduce((sum, [text]) => sum + text.length, 0);
  if (letters > MOST_LETTERS) {
    fail(`The tokens of tokenizer.json have ${letters} letters; ${MOST_LETTERS} is the limit.`);
  }
  for (const [name, value] of model) {
    if (typeof value === 'string' && value.length > LONGEST_TOKEN) {
      fail(`The ${quote(name)} of tokenizer.json has ${value.length} letters.`);
    }
  }
  return tokens;
}

/** The regular expressions that the library made of a file. Its parts are functions that carry their settings. */
function expressions(value: unknown): RegExp[] {
  if (value instanceof RegExp) return [value];
  const holds = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return holds ? Object.values(value).flatMap(expressions) : [];
}

/**
 * The tokens of a BPE `tokenizer.json` for a model of `size` tokens. Throws SafetensorsError where reading it, or a short
 * text with it, could take long.
 */
export function checkedTokens(file: ReadonlyMap<string, unknown>, size: number): readonly Token[] {
  const tokens = tokensOf(file, size);
  checkStages(file);
  // Without its tokens, on some of which the library would run the expressions at once.
  const bare = new Tokenizer(
    {
      ...Object.fromEntries(file),
      added_tokens: [],
      model: { type: 'BPE', vocab: {}, merges: [] },
    },
    {},
  );
  const { normalizer, pre_tokenizer, decoder } = bare;
  for (const { source } of [normalizer, pre_tokenizer, decoder].flatMap(expressions)) {
    const cost = matchingCost(source);
    if (cost === null || cost.ways > MOST_WAYS || cost.degree > MOST_DEGREE) {
      fail(`tokenizer.json has a regular expression that can take for ever: ${quote(source)}.`);
    }
  }
  return tokens;
}
