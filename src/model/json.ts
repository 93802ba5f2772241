/** Deepest nesting accepted: ours is at most 4, and recursion over a stranger's value must end. */
const MAX_DEPTH = 16;

/** A stranger's text in quotes for a message: cut, on one line, with nothing that could reorder what surrounds it. */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return JSON.stringify(short).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Index of the quote that ends the JSON string beginning at `start`; the length of the text where none does. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

/**
 * Walks the brackets and strings of JSON text, calling `key` with every object key as it is written and the level of
 * its object. Returns the greatest depth of nesting, also for text that is not valid.
 */
function walk(text: string, key: (quoted: string, depth: number) => void): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') key('', depth--);
    else if (char === '"') {
      const end = stringEnd(text, i);
      let after = end + 1;
      while (' \t\n\r'.includes(text[after] ?? '-')) after++;
      if (text[after] === ':') key(text.slice(i, end + 1), depth);
      i = end;
    }
  }
  return deepest;
}

/**
 * JSON.parse for text from strangers: throws a SyntaxError also for nesting deeper than 16 and for an object that holds
 * one key twice, which JSON.parse settles silently in favour of the last.
 */
export function parseStrictJson(text: string): unknown {
  if (walk(text, () => undefined) > MAX_DEPTH) throw new SyntaxError('it is nested too deeply');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own message quotes the text as it is.
    throw new SyntaxError('it cannot be parsed');
  }
  const seen: Set<string>[] = [];
  walk(text, (quoted, depth) => {
    // An empty text is the end of the object or array at this depth.
    const keys = (seen[depth] ??= new Set());
    if (quoted === '') return keys.clear();
    const key = JSON.parse(quoted) as string;
    if (keys.has(key)) throw new SyntaxError(`it holds the key ${quote(key)} twice`);
    keys.add(key);
  });
  return value;
}
