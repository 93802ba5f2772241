import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson, quote } from '../../src/model/json';

const SEED = 20252;

describe('parseStrictJson', () => {
  test('agrees with JSON.parse on text without repeated keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat({ max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test.each(['{"a":1,"a":2}', '[{"b":{}},{"a":[{"a":1}],"\\u0061" : 2}]', '{"a":{"x":1},"a":{}}'])(
    '%s holds a key twice',
    (text) => {
      expect(() => parseStrictJson(text)).toThrow(/twice/);
    },
  );

  test.each([
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":"a"}},"b":{"a":1}}',
    '{"a":"\\":","b":["a","a"]}',
    '{"{":1,"[":2}',
  ])('%s does not', (text) => expect(parseStrictJson(text)).toEqual(JSON.parse(text)));

  test('a text of 1 MB in one string', () => {
    expect(parseStrictJson(`{"a":"${'\\\\'.repeat(500_000)}"}`)).toHaveProperty('a');
  });
});

test('quoted text is short, on one line and plain ASCII', () => {
  expect(quote('a"\n\u202e\u00e9')).toBe('"a\\"\\n\\u202e\\u00e9"');
  expect(quote('x'.repeat(500)).length).toBeLessThan(90);
});

test.each(['{', '{"a":1}}', '"\n', '\u202e'])('the message for %j does not repeat it', (text) => {
  expect(() => parseStrictJson(text)).toThrow('it cannot be parsed');
});
