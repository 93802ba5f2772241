import fc from 'fast-check';

/**
 * Inputs of somebody who means harm, or of a bad cable: valid examples with a few things changed, and things that were never
 * an example. Every change is a small record, so that fast-check can drop those that a failure does not need.
 */

/** Names that are properties of every object, or that look like something they are not. */
const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'toJSON'],
  ...['length', 'then', '', '0', '-1', '\ud800', '\u202e', '\u0000', 'é', 'x'.repeat(300)],
];

/** What a value may be replaced by. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.5, 1, 2, 3, 255, 256, 65536],
  ...[1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63],
  ...[1e308, -1e308, 5e-324, -5e-324, Number.MAX_VALUE],
  ...NAMES,
  ...['1', 'NaN', ' ', '\n', '\u001b[2J', '<img src=x onerror=alert(1)>', '=1+1', '../../x'],
  ...[[], [[]], [null], {}, { a: 1 }, { length: 1e9 }, { kind: 'constant' }, { toString: 1 }],
  JSON.parse('{"__proto__":{"polluted":1}}'),
  { constructor: { prototype: { polluted: 1 } } },
];

/** Texts put into JSON as they are. */
const PIECES = [
  ...['1e999', '-1e999', '1e-999', '-0', '99999999999999999999', '0x10', 'NaN', 'undefined'],
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\u0000', '\ufeff', '//', '"\\ud800"', '"a":1,'],
  ...['{"__proto__":1,"__proto__":2}', '['.repeat(40), '{"a":'.repeat(40), '"step":1,'],
];

type Json = Record<string, unknown> | unknown[];
const isContainer = (value: unknown): value is Json => typeof value === 'object' && value !== null;

interface Edit {
  readonly kind: number;
  readonly at: number;
  readonly what: number;
}

const edit = fc.record({
  kind: fc.nat(6),
  at: fc.nat(2 ** 30),
  what: fc.nat(2 ** 20),
});

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length];

/** Not by assignment, which `__proto__` would turn into something else. */
function put(holder: Json, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, {
    ...{ value, enumerable: true, configurable: true, writable: true },
  });
}

/** Every object and list of a value, the outermost first. */
function containers(value: unknown): Json[] {
  const found: Json[] = [];
  const walk = (at: unknown) => {
    if (!isContainer(at)) return;
    found.push(at);
    for (const inner of Object.values(at)) walk(inner);
  };
  walk(value);
  return found;
}

/** Changes one thing of a value, which is the caller's own. */
function change(value: unknown, { kind, at, what }: Edit): unknown {
  const holder = pick(containers(value), at);
  const keys = Object.keys(holder ?? {});
  const replacement: unknown = structuredClone(pick(VALUES, what));
  if (holder === undefined || kind === 6) return replacement;
  const key = keys.length === 0 ? '0' : pick(keys, what + at);
  const before = Reflect.get(holder, key) as unknown;
  switch (kind) {
    case 0:
    case 1:
      put(holder, key, replacement);
      break;
    case 2:
      Reflect.deleteProperty(holder, key);
      break;
    case 3:
      put(holder, Array.isArray(holder) ? holder.length : pick(NAMES, what), replacement);
      break;
    case 4: {
      let deep: unknown = before;
      for (let i = 0; i < 1 + (what % 20); i++) deep = i % 2 === 0 ? [deep] : { a: deep };
      put(holder, key, deep);
      break;
    }
    case 5:
      put(holder, key, [before, before].flat());
  }
  return value;
}

function changeText(text: string, { kind, at, what }: Edit): string {
  const place = at % (text.length + 1);
  switch (kind % 4) {
    case 0:
      return text.slice(0, place);
    case 1:
      return text.slice(0, place) + text.slice(place + 1 + (what % 8));
    default:
      return text.slice(0, place) + pick(PIECES, what) + text.slice(place + (what % 2));
  }
}

/** JSON text: examples with changes to the value, then to the text; or something else altogether. */
export function hostileJson(examples: readonly unknown[]): fc.Arbitrary<string> {
  const texts = examples.map((example) => JSON.stringify(example));
  const changed = fc
    .record({
      example: fc.nat(texts.length - 1),
      edits: fc.array(edit, { maxLength: 4 }),
      textEdits: fc.oneof<fc.MaybeWeightedArbitrary<Edit[]>[]>(
        { weight: 5, arbitrary: fc.constant<Edit[]>([]) },
        { weight: 1, arbitrary: fc.array(edit, { minLength: 1, maxLength: 2 }) },
      ),
    })
    .map(({ example, edits, textEdits }): string => {
      const value = edits.reduce<unknown>(change, JSON.parse(texts[example] ?? ''));
      return textEdits.reduce(
        (text: string, one: Edit) => changeText(text, one),
        JSON.stringify(value) ?? '',
      );
    });
  return fc.oneof(
    { weight: 12, arbitrary: changed },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

const FLIPS = [1, 2, 4, 8, 16, 32, 64, 128, 255];

/** One after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Changes one thing of bytes, which are the caller's own. */
function changeBytes(bytes: Uint8Array<ArrayBuffer>, { kind, at, what }: Edit) {
  // Most that can go wrong is near the beginning.
  const place = (kind % 2 === 0 ? at % 64 : at) % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place + 1)];
  switch (kind) {
    case 0:
    case 1:
    case 6:
      if (place < bytes.length) bytes[place] = (bytes[place] ?? 0) ^ pick(FLIPS, what);
      return bytes;
    case 2:
      return bytes.slice(0, place);
    case 3:
      return joined(before, after);
    case 4:
      return joined(bytes, bytes.subarray(0, what % 16));
    default:
      return joined(before, Uint8Array.of(0xff, 0xff, 0xff, 0x7f).subarray(what % 4), after);
  }
}

/** Bytes: examples with bits flipped, pieces cut out, put in or added; or any bytes. */
export function hostileBytes(
  examples: readonly Uint8Array[],
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const changed = fc
    .record({
      example: fc.nat(examples.length - 1),
      edits: fc.array(edit, { maxLength: 4 }),
    })
    .map(({ example, edits }) =>
      edits.reduce(changeBytes, new Uint8Array(examples[example] ?? [])),
    );
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes));
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: any });
}

/** Pairs of an address: names, some of them known, and values. */
export function hostileAddress(known: readonly string[], values: readonly string[]) {
  const text = fc.oneof(fc.constantFrom(...values, ...NAMES), fc.string({ unit: 'binary' }));
  const name = fc.oneof(fc.constantFrom(...known), fc.constantFrom(...NAMES), fc.string());
  return fc.array(fc.tuple(name, text), { maxLength: 6 });
}
