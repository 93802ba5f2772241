import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  MAX_HEADER_BYTES,
  parseSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SafetensorsTensor,
} from '../../src/model/safetensors';

// Printed by fast-check with any failure; fixed, so that a failure repeats.
const SEED = 20251;

const PROTOTYPE_KEYS = JSON.stringify(Reflect.ownKeys(Object.prototype).map(String));
afterEach(() => {
  expect(JSON.stringify(Reflect.ownKeys(Object.prototype).map(String))).toBe(PROTOTYPE_KEYS);
});

/** A file with any header text and data, well-formed or not. */
function file(header: string, data: Uint8Array = new Uint8Array(0), claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** The message with which a file is refused; fails for a file that is read and for any other error. */
function refusal(bytes: Uint8Array): string {
  try {
    parseSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) return error.message;
    throw error;
  }
  throw new Error('the file was read');
}

/** Reads a file, allowing only SafetensorsError. */
function readsOrRefuses(bytes: Uint8Array): boolean {
  try {
    parseSafetensors(bytes);
    return true;
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    // One sentence for people: no line breaks, bounded, ends with a full stop.
    expect(error.message).toMatch(/^[^\n]{1,400}\.$/u);
    return false;
  }
}

const SAMPLE: ReadonlyMap<string, SafetensorsTensor> = new Map<string, SafetensorsTensor>([
  ['matrix', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -2.5, 3, 0, 1e-30, NaN) }],
  ['__proto__', { dtype: 'I32', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ['empty', { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) }],
  ['scalar', { dtype: 'F32', shape: [], data: Float32Array.of(7) }],
]);
const METADATA = new Map([
  ['format', 'x'],
  ['__proto__', 'é\u0000"\\'],
]);

describe('round trip', () => {
  test('names, shapes, bits and metadata survive, in file order', () => {
    const read = parseSafetensors(writeSafetensors(SAMPLE, METADATA));
    expect([...read.tensors]).toEqual([...SAMPLE]);
    expect([...read.metadata]).toEqual([...METADATA]);
  });

  test('any tensors and texts survive', () => {
    const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
    const tensor = fc.tuple(shape, fc.boolean()).chain(([sizes, real]) => {
      const length = sizes.reduce((a, b) => a * b, 1);
      const size = { minLength: length, maxLength: length };
      return real
        ? fc
            .float32Array({ ...size })
            .map((data): SafetensorsTensor => ({ dtype: 'F32', shape: sizes, data }))
        : fc
            .int32Array(size)
            .map((data): SafetensorsTensor => ({ dtype: 'I32', shape: sizes, data }));
    });
    const text = fc.string({ unit: 'binary' });
    const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '', '0', '\ud800'));
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            name.filter((n) => n !== '__metadata__'),
            tensor,
          ),
        ),
        fc.array(fc.tuple(name, text)),
        (tensors, pairs) => {
          const [given, metadata] = [new Map(tensors), new Map(pairs)];
          const read = parseSafetensors(writeSafetensors(given, metadata));
          expect(new Map(read.tensors)).toEqual(given);
          expect(new Map(read.metadata)).toEqual(metadata);
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('data begin on eight bytes, and reading copies out of any offset', () => {
    const bytes = writeSafetensors(SAMPLE, METADATA);
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(header % 8).toBe(0);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const read = parseSafetensors(shifted.subarray(1));
    shifted.fill(0);
    expect([...read.tensors]).toEqual([...SAMPLE]);
  });

  test('files of the Python writer', () => {
    const path = new URL('../fixtures/cases/grpo.safetensors', import.meta.url);
    const { tensors, metadata } = parseSafetensors(readFileSync(path));
    expect(metadata.get('format')).toBe('rlvr-case-1');
    expect(tensors.get('input.tokens')?.dtype).toBe('I32');
    expect(tensors.get('model.embed_tokens.weight')?.shape).toEqual([19, 32]);
  });
});

test('a writer refuses what it could not read back', () => {
  const write = (name: string, shape: number[], length: number) => () =>
    writeSafetensors(new Map([[name, { dtype: 'F32', shape, data: new Float32Array(length) }]]));
  expect(write('x', [2], 3)).toThrow(SafetensorsError);
  expect(write('x', [-1], 1)).toThrow(SafetensorsError);
  expect(write('__metadata__', [1], 1)).toThrow(SafetensorsError);
  expect(write('x'.repeat(MAX_HEADER_BYTES), [1], 1)).toThrow('longer than 1 MB');
});

describe('malformed files', () => {
  const entry = (shape: string, begin: number | string, end: number | string, dtype = '"F32"') =>
    `{"dtype":${dtype},"shape":${shape},"data_offsets":[${begin},${end}]}`;
  const four = new Uint8Array(4);
  const eight = new Uint8Array(8);

  test.each([
    ['an empty file', new Uint8Array(0), 'too short'],
    ['a header over 1 MB', file('{}', four, 1_000_001n), 'longer than 1 MB'],
    ['a header length of 2^64 - 1', file('{}', four, 2n ** 64n - 1n), 'longer than 1 MB'],
    ['a header past the end', file('{}', four, 7n), 'past the end'],
    ['no header', file(''), 'does not begin'],
    ['a leading space', file(' {}'), 'does not begin'],
    ['a list', file('[]'), 'does not begin'],
    ['broken JSON', file('{"a":'), 'not valid JSON'],
    ['two values', file('{}{}'), 'not valid JSON'],
    ['bytes that are not UTF-8', file('{"a":1}').fill(0xff, 10, 11), 'not UTF-8'],
    ['deep nesting', file(`{"a":${'['.repeat(400_000)}`), 'nested too deeply'],
    ['metadata that are no object', file('{"__metadata__":[]}'), 'metadata is not'],
    ['metadata that are no text', file('{"__metadata__":{"a":1}}'), 'not a string'],
    ['an entry that is no object', file('{"a":null}'), 'not a JSON object'],
    ['another dtype', file(`{"a":${entry('[2]', 0, 4, '"BF16"')}}`, four), '"BF16"'],
    ['no dtype', file('{"a":{"shape":[],"data_offsets":[0,4]}}', four), 'no dtype'],
    ['an inherited dtype', file('{"a":{"__proto__":{"dtype":"F32"}}}'), 'no dtype'],
    ['a negative size', file(`{"a":${entry('[-1]', 0, 4)}}`, four), 'shape'],
    ['a size of minus 0', file(`{"a":${entry('[-0]', 0, 0)}}`), 'shape'],
    ['a fractional size', file(`{"a":${entry('[1.5]', 0, 4)}}`, four), 'shape'],
    ['an unsafe size', file(`{"a":${entry('[9007199254740993]', 0, 4)}}`, four), 'shape'],
    ['an infinite size', file(`{"a":${entry('[1e400]', 0, 4)}}`, four), 'shape'],
    ['a size that is text', file(`{"a":${entry('["1"]', 0, 4)}}`, four), 'shape'],
    [
      'a product that overflows',
      file(`{"a":${entry('[4294967296,4294967296]', 0, 0)}}`),
      'too large',
    ],
    [
      'a shape larger than the data',
      file(`{"a":${entry('[1000,1000]', 0, 4)}}`, four),
      'its shape needs',
    ],
    ['a negative offset', file(`{"a":${entry('[1]', -4, 0)}}`, four), 'offsets'],
    ['offsets in reverse', file(`{"a":${entry('[1]', 4, 0)}}`, four), 'ends before'],
    [
      'three offsets',
      file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}`, four),
      'offsets',
    ],
    ['data past the end', file(`{"a":${entry('[2]', 0, 8)}}`, four), 'past the end'],
    ['data after the last tensor', file(`{"a":${entry('[1]', 0, 4)}}`, eight), 'no tensor'],
    ['data without a tensor', file('{}', four), 'no tensor'],
    ['a gap', file(`{"a":${entry('[1]', 4, 8)}}`, eight), 'gap'],
    ['an overlap', file(`{"a":${entry('[1]', 0, 4)},"b":${entry('[1]', 0, 4)}}`, four), 'overlaps'],
    [
      'a tensor twice',
      file(`{"a":${entry('[1]', 0, 4)},"\\u0061":${entry('[1]', 4, 8)}}`, eight),
      'twice',
    ],
    ['a field twice', file('{"a":{"dtype":"F32","dtype":"I32"}}'), 'twice'],
    ['a metadata key twice', file('{"__metadata__":{"a":"","a":""}}'), 'twice'],
  ])('%s', (_, bytes, reason) => {
    expect(refusal(bytes)).toContain(reason);
    expect(readsOrRefuses(bytes)).toBe(false);
  });

  test('tensors listed out of order, and a padded header, are read', () => {
    const header = `{"b":${entry('[1]', 4, 8)},"a":${entry('[1]', 0, 4)}}   \n`;
    expect([...parseSafetensors(file(header, eight)).tensors.keys()]).toEqual(['a', 'b']);
  });

  test('a long name is cut in the message', () => {
    expect(refusal(file(`{"${'n'.repeat(9000)}":1}`)).length).toBeLessThan(200);
  });
});

describe('damage', () => {
  const whole = writeSafetensors(SAMPLE, METADATA);

  test('a file cut at any length is refused', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(readsOrRefuses(whole.slice(0, length)), `length ${length}`).toBe(false);
    }
  });

  test('every bit flipped is read or refused, and always read among the data', () => {
    const dataStart = whole.length - 4 * (6 + 2 + 1);
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = whole.slice();
        bytes[at] ^= 1 << bit;
        const wasRead = readsOrRefuses(bytes);
        if (at >= dataStart) expect(wasRead).toBe(true);
      }
    }
  });

  test('random damage of several bytes', () => {
    const change = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        readsOrRefuses(bytes);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

test('any header that lies is read or refused', () => {
  const size = fc.oneof(
    fc.integer({ min: -4, max: 16 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.string(),
  );
  const honest = fc.record({
    dtype: fc.constantFrom('F32', 'I32', 'F16', '__proto__', 1),
    shape: fc.oneof(fc.array(size, { maxLength: 3 }), fc.jsonValue()),
    data_offsets: fc.oneof(fc.tuple(size, size), fc.jsonValue()),
  });
  const key = fc.oneof(
    fc.string(),
    fc.constantFrom('__proto__', 'constructor', '__metadata__', 'a'),
  );
  const header = fc.array(fc.tuple(key, fc.oneof(honest, fc.jsonValue())), { maxLength: 5 });
  const length = fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), {
    freq: 20,
    nil: undefined,
  });
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 40 }), length, (members, data, claimed) => {
      const text = members.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`);
      readsOrRefuses(file(`{${text.join(',')}}`, data, claimed));
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readsOrRefuses(bytes);
      readsOrRefuses(file(new TextDecoder().decode(bytes)));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});
