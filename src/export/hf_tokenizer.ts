import { RlvrError } from '../errors/failure';

/** Which tokens of a vocabulary end a response and fill up after it; one token may do both. */
export interface SpecialTokens {
  /** Token ids. */
  readonly eos: number;
  readonly pad: number;
}

/** Characters with a meaning of their own in the pattern of a pre-tokenizer (Oniguruma). */
const PATTERN_SIGNS = /[\\^$.|?*+()[\]{}]/g;

function fault(detail: string): never {
  throw new RlvrError({ kind: 'badPolicy', detail });
}

/** Throws RlvrError `badPolicy` unless the tokens can be told apart and the special ones are among them. */
function checkVocabulary(vocabulary: readonly string[], special: SpecialTokens): void {
  if (vocabulary.includes('')) fault('a token of the vocabulary has no text');
  const twice = vocabulary.find((token, id) => vocabulary.indexOf(token) !== id);
  if (twice !== undefined) {
    fault(`the vocabulary has two tokens with the text ${JSON.stringify(twice)}`);
  }
  for (const id of [special.eos, special.pad]) {
    if (!Object.hasOwn(vocabulary, id)) fault(`the vocabulary has no token ${id}`);
  }
}

/**
 * A `tokenizer.json` (Hugging Face tokenizers) that gives each text of `vocabulary` its place as id: text is cut into
 * the vocabulary's texts, the longest first, and nothing is added to it. Text that is not in the vocabulary is an error
 * when it is encoded: there is no unknown token. Throws RlvrError `badPolicy` for texts that are empty or occur twice.
 */
export function vocabularyTokenizer(vocabulary: readonly string[], special: SpecialTokens): object {
  checkVocabulary(vocabulary, special);
  const texts = [...vocabulary].sort((a, b) => b.length - a.length);
  const pattern = texts.map((text) => text.replace(PATTERN_SIGNS, '\\$&')).join('|');
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...new Set([special.eos, special.pad])].map((id) => ({
      id,
      content: vocabulary[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: pattern },
      behavior: 'Isolated',
      invert: false,
    },
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(vocabulary.map((text, id) => [text, id])),
      // Not in the vocabulary on purpose: the library then refuses foreign text instead of guessing.
      unk_token: '<unk>',
    },
  };
}

/** The `tokenizer_config.json` beside it. `positions` is the most tokens the policy takes. */
export function vocabularyTokenizerConfig(
  vocabulary: readonly string[],
  special: SpecialTokens,
  positions: number,
): object {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: vocabulary[special.eos],
    pad_token: vocabulary[special.pad],
    model_max_length: positions,
    // Prompts of one task have one length, but those of a generation begin where the longest does.
    padding_side: 'left',
    clean_up_tokenization_spaces: false,
  };
}
