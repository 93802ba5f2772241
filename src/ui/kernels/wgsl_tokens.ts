/** What a piece of WGSL is, as far as colouring goes. */
export type TokenKind =
  'comment' | 'keyword' | 'type' | 'number' | 'attribute' | 'builtin' | 'plain';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS = new Set(
  (
    'alias break case const const_assert continue continuing default diagnostic discard else enable ' +
    'false fn for if let loop override requires return struct switch true var while'
  ).split(' '),
);
const TYPES = new Set(
  (
    'array atomic bool f16 f32 i32 mat2x2f mat3x3f mat4x4f ptr u32 vec2 vec3 vec4 vec2f vec3f vec4f ' +
    'vec2h vec3h vec4h vec2i vec3i vec4i vec2u vec3u vec4u uniform storage read read_write'
  ).split(' '),
);
const BUILTINS = new Set(
  (
    'abs all any arrayLength atomicAdd atomicLoad atomicMax atomicMin atomicStore bitcast ceil clamp ' +
    'countOneBits cross dot exp exp2 floor fma fract inverseSqrt ldexp length log log2 max min mix ' +
    'normalize pow round select sign sqrt step trunc workgroupBarrier storageBarrier'
  ).split(' '),
);

/** Comments, attributes, numbers and words of a WGSL text; everything between is plain. */
const PATTERN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<attribute>@\w+)|(?<number>\b(?:0[xX][\da-fA-F]+[iu]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fhiu]?)\b)|(?<word>\b[A-Za-z_]\w*\b)/g;

/** Splits a WGSL text; the texts of the tokens joined are the text again. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const add = (kind: TokenKind, text: string) => {
    if (text === '') return;
    const last = tokens.at(-1);
    if (kind === 'plain' && last?.kind === 'plain')
      tokens[tokens.length - 1] = { kind, text: last.text + text };
    else tokens.push({ kind, text });
  };
  let at = 0;
  for (const match of source.matchAll(PATTERN)) {
    add('plain', source.slice(at, match.index));
    add(kindOf(match.groups ?? {}), match[0]);
    at = match.index + match[0].length;
  }
  add('plain', source.slice(at));
  return tokens;
}

function kindOf({
  comment,
  attribute,
  number,
  word,
}: Record<string, string | undefined>): TokenKind {
  if (comment !== undefined) return 'comment';
  if (attribute !== undefined) return 'attribute';
  if (number !== undefined) return 'number';
  if (word === undefined) return 'plain';
  if (KEYWORDS.has(word)) return 'keyword';
  if (TYPES.has(word)) return 'type';
  return BUILTINS.has(word) ? 'builtin' : 'plain';
}
