import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeFailure, type Surface } from '../../src/errors/describe';
import { FAILURE_TESTS } from '../setup/failure_tests';

const kinds = Object.entries(FAILURE_TESTS);
const source = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const guide = readFileSync(new URL('../../docs/guide.md', import.meta.url), 'utf8');

/** The text of a test, from its title to the end of its block. */
function bodyOf(text: string, title: string): string {
  const start = text.indexOf(title);
  const end = text.slice(start).search(/\n\}\);?\n|\n {2}\}\);\n\}/);
  return text.slice(start, end < 0 ? undefined : start + end);
}

describe.each(kinds)('%s', (kind, { example, ...surfaces }) => {
  test.each(['page', 'terminal'] as const)(
    'is provoked by a test on the %s',
    (surface: Surface) => {
      expect(example.kind).toBe(kind);
      const provoked = surfaces[surface];
      if ('never' in provoked) return expect(provoked.never).toMatch(/^[A-Z].*\.$/);
      expect(provoked.length).toBeGreaterThan(0);
      const { title: said, what } = describeFailure(example, surface);
      for (const { file, title, words } of provoked) {
        const text = source(file);
        expect(text.split(title), `"${title}" in ${file}`).toHaveLength(2);
        expect(`${said} ${what}`).toContain(words);
        // In the test itself, or in a list of cases or a constant at the top of the file that it goes through.
        const isSkipped = /test(?:\.\w+)*\.(?:skip|todo|fixme)\(/.test(text);
        expect(isSkipped, `a test of ${file} is skipped`).toBe(false);
        const before = text.slice(0, text.search(/\n(?:test|for|describe)\b/));
        expect(`${before}${bodyOf(text, title)}`, `"${words}" in ${file}`).toContain(words);
      }
    },
  );

  test('has its row in the guide', () => {
    expect(guide).toContain(`\n| ${describeFailure(example, 'page').title} | `);
  });
});

test('no kind is without a test on any surface', () => {
  const silent = kinds.filter(([, { page, terminal }]) => 'never' in page && 'never' in terminal);
  expect(silent).toEqual([]);
});
