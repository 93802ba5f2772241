/** A foreign text as it may stand in a line of Markdown: no mark-up, no HTML, no end of a table cell. */
export function plainText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#~!&]/g, (character) => `\\${character}`);
}

/** A table; cells are Markdown already. Empty of no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Paragraphs with a blank line between them; empty ones are left out. */
export function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
