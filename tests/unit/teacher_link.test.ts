import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LONGEST_QUESTION,
  readTeacherLink,
  SECTION_NAMES,
  teachersLink,
} from '../../src/store/teacher_link';

const read = (query: string) => readTeacherLink(new URLSearchParams(query));

describe('reading a teacher’s link', () => {
  test('an address without one asks nothing', () => {
    expect(read('?experiment=who-drives')).toEqual({
      hidden: [],
      locked: false,
      ask: null,
      ignored: [],
    });
  });

  test('known names are taken, unknown ones ignored by name', () => {
    const link = read('?hide=controls,nonsense,rollouts,controls&lock=1&ask=Why%3F');
    expect(link).toMatchObject({ hidden: ['controls', 'rollouts'], locked: true, ask: 'Why?' });
    expect(link.ignored).toEqual([
      'The link hides "nonsense", which is no part of this page: it is ignored.',
    ]);
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no part of the page', (name) => {
    const link = read(`?hide=${name}`);
    expect(link.hidden).toEqual([]);
    expect(link.ignored).toHaveLength(1);
  });

  test.each(['0', 'true', '11', ''])('lock=%s does not lock, and is said', (value) => {
    const link = read(`?lock=${value}`);
    expect(link.locked).toBe(false);
    expect(link.ignored).toHaveLength(1);
  });

  test.each([
    ['too long', 'x'.repeat(LONGEST_QUESTION + 1)],
    ['empty', ' '],
    ['with a control character', 'a\u0007b'],
    ['that turns the writing round', 'a\u202eb'],
  ])('a question %s is ignored', (_, question) => {
    const link = read(`?ask=${encodeURIComponent(question)}`);
    expect(link.ask).toBeNull();
    expect(link.ignored).toHaveLength(1);
  });

  test('what is said twice is ignored', () => {
    const link = read('?ask=a&ask=b&lock=1&lock=1');
    expect(link).toMatchObject({ ask: null, locked: false });
    expect(link.ignored).toHaveLength(2);
  });

  test('whatever the address holds, only known parts are hidden and sentences stay short and printable', () => {
    const hostile = fc.oneof(fc.string({ unit: 'binary', maxLength: 2000 }), fc.string());
    fc.assert(
      fc.property(hostile, hostile, hostile, (hide, lock, ask) => {
        const link = readTeacherLink(new URLSearchParams({ hide, lock, ask }));
        expect(link.hidden.every((name) => SECTION_NAMES.includes(name))).toBe(true);
        expect(link.locked).toBe(lock === '1');
        expect(link.ask === null || link.ask.length <= LONGEST_QUESTION).toBe(true);
        expect(link.ignored.length).toBeLessThanOrEqual(24);
        for (const sentence of link.ignored) {
          expect(sentence.length).toBeLessThan(400);
          // eslint-disable-next-line no-control-regex -- that is what must not come through
          expect(sentence).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        }
      }),
    );
  });
});

describe('building one', () => {
  test('what is built is read back, and nothing of the page’s own address stays', () => {
    const questions = fc
      .string({ minLength: 1, maxLength: LONGEST_QUESTION })
      .filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(
        fc.subarray(SECTION_NAMES),
        fc.boolean(),
        fc.option(questions),
        (hidden, locked, ask) => {
          const href = teachersLink('https://page.example/a/?experiment=x#reading', 'rollouts', {
            hidden,
            locked,
            ask,
          });
          const url = new URL(href);
          expect(url.pathname).toBe('/a/');
          expect(url.hash).toBe('');
          expect(url.searchParams.get('experiment')).toBeNull();
          expect(url.searchParams.get('lesson')).toBe('rollouts');
          expect(readTeacherLink(url.searchParams)).toEqual({
            hidden: SECTION_NAMES.filter((name) => hidden.includes(name)),
            locked,
            ask: ask?.trim() ?? null,
            ignored: [],
          });
        },
      ),
    );
  });

  test('without a lesson it opens the page alone', () => {
    const nothing = { hidden: [], locked: false, ask: null };
    expect(teachersLink('https://page.example/?lesson=x', null, nothing)).toBe(
      'https://page.example/',
    );
  });
});
