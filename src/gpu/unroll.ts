/** Heads of 128 numbers are still unrolled (64 pairs). */
export const MOST_COPIES = 64;

/**
 * Expands the loops of a WGSL text that are marked `// unrolled`:
 *
 *     for (var i = 0u; i < ROWS; i++) { // unrolled
 *       sum[i] += a[i] * b[i];
 *     }
 *
 * Symptom without it: small arrays that a loop indexes live in memory, not in registers, and SwiftShader gathers every
 * access lane by lane (its attention ran 3 times slower). WGSL has no unroll hint; drivers of real GPUs unroll such
 * loops themselves, so this costs them nothing. The bound is a number or one of `constants`; a loop of more than
 * MOST_COPIES stays a loop, because compiling takes longer than it saves.
 */
export function unroll(wgsl: string, constants: Readonly<Record<string, number>>): string {
  const opening = /for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{ \/\/ unrolled\n/;
  let text = wgsl;
  for (let found = opening.exec(text); found; found = opening.exec(text)) {
    const [header, name = '', bound = ''] = found;
    const start = found.index + header.length;
    const end = closingBrace(text, start);
    const body = text.slice(start, end);
    const count = constants[bound] ?? Number.parseInt(bound, 10);
    if (!Number.isInteger(count))
      throw new Error(`unrolled loop over ${bound}, which is no constant`);
    if (count > MOST_COPIES) {
      text = text.slice(0, found.index) + header.replace(' // unrolled', '') + text.slice(start);
      continue;
    }
    const variable = new RegExp(`\\b${name}\\b`, 'g');
    const copies = Array.from(
      { length: count },
      (_, i) => `{\n${body.replace(variable, `${i}u`)}}\n`,
    );
    text = text.slice(0, found.index) + copies.join('') + text.slice(end + 1);
  }
  return text;
}

/** Index of the brace that closes the block whose inside begins at `start`. */
function closingBrace(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
  throw new Error('an unrolled loop has no closing brace');
}
