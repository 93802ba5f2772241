import type { ShelfEntry } from '../../store/library';

/** A kept run with those that were forked from it. */
export interface RunNode {
  readonly entry: ShelfEntry;
  readonly forks: readonly RunNode[];
}

/**
 * The runs as a tree: forks under their parents, where these are still kept and the search finds them. The order of the
 * list is that of every level.
 */
export function runTree(entries: readonly ShelfEntry[], search = ''): readonly RunNode[] {
  const words = search.toLowerCase().split(/\s+/);
  const found = entries.filter((entry) => {
    const text = `${entry.name} ${entry.experiment} ${entry.parent?.arm ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const known = new Set(found.map(({ id }) => id));
  // A file may claim any parent: one that leads back to itself counts as none.
  const parents = new Map<string, string>();
  for (const { id, parent } of found) {
    if (parent !== null && known.has(parent.run) && !leadsTo(id, parent.run, parents)) {
      parents.set(id, parent.run);
    }
  }
  const under = (parent: string | undefined): RunNode[] =>
    found
      .filter(({ id }) => parents.get(id) === parent)
      .map((entry) => ({ entry, forks: under(entry.id) }));
  return under(undefined);
}

/** Whether `from`, or one of its parents, is `id`. */
function leadsTo(id: string, from: string, parents: ReadonlyMap<string, string>): boolean {
  for (let at: string | undefined = from; at !== undefined; at = parents.get(at)) {
    if (at === id) return true;
  }
  return false;
}
