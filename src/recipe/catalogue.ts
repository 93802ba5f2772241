import { asProblems, asText, LONGEST_NAME } from './experiment_parts';
import { quoted, readObject, resultOf, textProblem, type Result } from './untrusted';
import { LONGEST_TEXT } from './about';

/** One experiment that ships with the page: `id` is the name of its file, and of the record of its run. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  readonly question: string;
}

const MOST_ENTRIES = 200;

/** It becomes part of a path, so it can be nothing but words and hyphens. */
const ID = /^[a-z0-9]+(-[a-z0-9]+){0,12}$/;

/** The id that belongs to a name: its words in lower case, joined by hyphens. */
export function idOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** The list of experiments in teaching order, from foreign data. */
export function parseCatalogue(value: unknown): Result<readonly CatalogueEntry[]> {
  if (!Array.isArray(value) || value.length > MOST_ENTRIES) {
    const message = `the catalogue must be a list of at most ${MOST_ENTRIES} experiments; got ${quoted(value)}`;
    return { ok: false, problems: [{ key: 'catalogue', message }] };
  }
  const entries = value.map(parseEntry);
  const valid = entries.flatMap((entry) => (entry.ok ? [entry.value] : []));
  const repeated = valid.filter(({ id }, i) => valid.findIndex((other) => other.id === id) < i);
  return resultOf(valid, [
    ...entries.flatMap((entry) => (entry.ok ? [] : entry.problems)),
    ...repeated.flatMap(({ id }) =>
      asProblems('catalogue', `two experiments have the id ${quoted(id)}`),
    ),
  ]);
}

function parseEntry(value: unknown, index: number): Result<CatalogueEntry> {
  const where = `catalogue[${index}]`;
  const read = readObject(value, ['id', 'name', 'question'], where);
  if (!read.ok) return read;
  const [id, name, question] = ['id', 'name', 'question'].map((key) => read.value.get(key));
  const problems = [
    typeof id === 'string' && ID.test(id)
      ? null
      : `${where}.id must be lower-case words joined by hyphens; got ${quoted(id)}`,
    textProblem(`${where}.name`, LONGEST_NAME, name),
    textProblem(`${where}.question`, LONGEST_TEXT, question),
  ];
  return resultOf(
    { id: asText(id), name: asText(name), question: asText(question) },
    problems.flatMap((message) => asProblems('catalogue', message)),
  );
}
