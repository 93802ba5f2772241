import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csv } from '../../src/export/csv';
import { SeriesStore } from '../../src/store/series';
import { seriesCsv } from '../../src/store/series_csv';
import { metricsAt } from '../setup/metrics';

describe('csv', () => {
  test('quotes what would break a line and keeps numbers as they are', () => {
    expect(
      csv(
        ['a', 'b'],
        [
          ['x,y', -0.5],
          ['say "hi"', 1e-7],
          ['two\nlines', NaN],
          ['', null],
        ],
      ),
    ).toBe('a,b\r\n"x,y",-0.5\r\n"say ""hi""",1e-7\r\n"two\nlines",\r\n,\r\n');
  });

  test('takes the power from text that a spreadsheet would compute', () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) {
      expect(csv([text], [])).toBe(`"'${text}"\r\n`);
    }
    expect(csv(['a=b'], [])).toBe('a=b\r\n');
  });

  test('of any text is read back as it was, but for the apostrophe', () => {
    const cells = fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 2 }));
    fc.assert(
      fc.property(cells, (rows) => {
        const read = parse(csv(['h', 'i'], rows)).slice(1);
        const wanted = rows.map((row) =>
          row.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)),
        );
        expect(read).toEqual(wanted);
      }),
    );
  });
});

describe('the CSV of a chart', () => {
  const store = new SeriesStore();
  for (let step = 1; step <= 2500; step++) {
    store.append({
      'a#0': metricsAt(step, { entropy: 1 / step }),
      'a#7': metricsAt(step, { entropy: 2 / step, tokens: step * 3, kl: null }),
    });
  }
  const arms = [{ id: 'a', name: '-lr' }];

  test('holds every step of every seed, undecimated, with its place on the axis', () => {
    const rows = parse(seriesCsv(store, arms, ['entropy', 'kl'], 'tokens'));
    expect(rows[0]).toEqual(['arm', 'seed', 'step', 'x', 'entropy', 'kl']);
    expect(rows).toHaveLength(1 + 2 * 2500);
    expect(rows[3]).toEqual(["'-lr", '0', '3', '300', String(1 / 3), '0']);
    expect(rows[2503]).toEqual(["'-lr", '7', '3', '9', String(2 / 3), '']);
  });
});

/** A reader of RFC 4180, written for this test. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text.charAt(i + 1) === '"') cell += text.charAt(++i);
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ',' || text.startsWith('\r\n', i)) {
      row.push(cell);
      cell = '';
      if (letter === ',') continue;
      rows.push(row);
      row = [];
      i += 1;
    } else cell += letter;
  }
  return rows;
}
