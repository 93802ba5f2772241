import { Tokenizer } from '@huggingface/tokenizers';
import { quote } from '../json';
import { SafetensorsError } from '../safetensors';
import { ownEntries } from './config';
import { checkedTokens } from './tokenizer_bounds';

/** What a `tokenizer.json` says: the text of each token, what stands before a text, and how text becomes tokens. */
export interface ReadTokenizer {
  readonly kind: 'WordLevel' | 'BPE';
  /** Text of each token id as it reads after other text; '' where there is no such token. */
  readonly vocabulary: readonly string[];
  readonly prefix: readonly number[];
  /** The end token that tokenizer_config.json names, or null. */
  readonly eos: number | null;
  readonly encode: (text: string) => readonly number[];
}

/** A token that stands for one byte of text that has no token of its own. */
const BYTE = /^<0x[0-9A-F]{2}>$/;

const LONGEST_TEXT = 200;

function fail(message: string): never {
  throw new SafetensorsError(message);
}

/** Runs the library on a stranger's file: whatever it throws is the file's fault. */
function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SafetensorsError) throw error;
    return fail('tokenizer.json cannot be understood.');
  }
}

function tokensById(vocabulary: Iterable<readonly [string, unknown]>, size: number): string[] {
  const byId = new Array<string>(size).fill('');
  for (const [text, id] of vocabulary) {
    if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= size) {
      fail(`tokenizer.json gives the token ${quote(text)} an id that the model has not.`);
    }
    byId[Number(id)] = text.slice(0, LONGEST_TEXT);
  }
  return byId;
}

/** A vocabulary of whole words, as our own export writes it: texts are found from the left, the longest first. */
function wordLevel(model: ReadonlyMap<string, unknown>, size: number) {
  const vocab = ownEntries(model.get('vocab'), 'The vocabulary of tokenizer.json');
  const vocabulary = tokensById(vocab, size);
  const longest = Math.max(...vocabulary.map((text) => text.length));
  const encode = (text: string) => {
    const ids: number[] = [];
    for (let at = 0; at < text.length;) {
      let end = Math.min(text.length, at + longest);
      while (end > at && !vocab.has(text.slice(at, end))) end--;
      if (end === at) fail(`The policy has no token for ${quote(text.slice(at, at + 1))}.`);
      ids.push(Number(vocab.get(text.slice(at, end))));
      at = end;
    }
    return ids;
  };
  return { vocabulary, prefix: [], encode };
}

/** Text of every token after another one: decoders drop a space at the beginning, and only there. */
function texts(tokenizer: Tokenizer, pieces: readonly string[]): string[] {
  const decode = (ids: number[]) =>
    tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  const anchor = pieces.findIndex((piece, id) => /^[a-z]$/.test(piece) && decode([id]) === piece);
  if (anchor < 0) fail('tokenizer.json has no token for a single letter.');
  return pieces.map((piece, id) =>
    piece === '' || BYTE.test(piece) ? piece : decode([anchor, id]).slice(1, 1 + LONGEST_TEXT),
  );
}

/** Settings of tokenizer_config.json that change how text becomes tokens. */
const OF_TEXT = ['remove_space', 'do_lowercase_and_remove_accent'];

function bytePairs(
  file: ReadonlyMap<string, unknown>,
  settings: ReadonlyMap<string, unknown>,
  size: number,
) {
  const config = Object.fromEntries(OF_TEXT.map((name) => [name, settings.get(name) === true]));
  const { tokenizer, pieces } = attempt(() => {
    // The library's own list has undefined for ids that no token has.
    const tokens = checkedTokens(file, size);
    return {
      tokenizer: new Tokenizer(Object.fromEntries(file), config),
      pieces: tokensById(tokens, size),
    };
  });
  const encode = (text: string, add_special_tokens = false) => {
    const ids = attempt(() => tokenizer.encode(text, { add_special_tokens }).ids);
    // The library says undefined of a token that stands before a text and is not in the vocabulary.
    if (!ids.every(Number.isInteger)) fail('tokenizer.json puts in a token that it has not.');
    return ids;
  };
  const [first] = encode('a');
  const whole = encode('a', true);
  return {
    vocabulary: attempt(() => texts(tokenizer, pieces)),
    prefix: first === undefined ? [] : whole.slice(0, Math.max(0, whole.indexOf(first))),
    encode: (text: string) => encode(text),
  };
}

/** The text of a token in tokenizer_config.json: a string, or an object with its content. */
function namedToken(config: ReadonlyMap<string, unknown>, name: string): string | null {
  const value = config.get(name) ?? null;
  const text =
    typeof value === 'object' && value !== null ? ownEntries(value, name).get('content') : value;
  return typeof text === 'string' ? text : null;
}

/**
 * Reads `tokenizer.json` (and `tokenizer_config.json`, {} where there is none) for a model of `size` tokens. Throws
 * SafetensorsError for kinds other than BPE and WordLevel and for what the library does not understand.
 */
export function readTokenizer(file: unknown, config: unknown, size: number): ReadTokenizer {
  const entries = ownEntries(file, 'tokenizer.json');
  const settings = ownEntries(config, 'tokenizer_config.json');
  const model = ownEntries(entries.get('model'), 'The model of tokenizer.json');
  // Files of earlier versions leave the type out; they are BPE where they have merges.
  const kind = model.get('type') ?? (model.has('merges') ? 'BPE' : null);
  if (kind !== 'BPE' && kind !== 'WordLevel') {
    const named = typeof kind === 'string' ? quote(kind) : 'no kind';
    fail(`tokenizer.json is of ${named}; only BPE and WordLevel are read.`);
  }
  const read = kind === 'BPE' ? bytePairs(entries, settings, size) : wordLevel(model, size);
  const named = namedToken(settings, 'eos_token');
  const eos = named === null || named === '' ? -1 : read.vocabulary.indexOf(named);
  return { kind, ...read, eos: eos < 0 ? null : eos };
}
