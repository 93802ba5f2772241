/** A cell: numbers are written as they are, the negative ones too, since no number is a formula; whatever is not finite as an empty cell. */
export type Cell = string | number | null;

/** A spreadsheet takes a text that begins with one of these, or with their wide forms, for a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** Semicolon and tab as well: some programs split at these, and the second half of a name must not become a cell. */
const NEEDS_QUOTES = /[",;\t\r\n]/;

/** RFC 4180, lines ended by CR LF. Text that a spreadsheet would compute gets an apostrophe in front and quotes. */
export function csv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [header.map(cell).join(',')];
  for (const row of rows) lines.push(row.map(cell).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (FORMULA.test(value)) return quoted(`'${value}`);
  return NEEDS_QUOTES.test(value) ? quoted(value) : value;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
