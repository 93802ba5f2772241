/**
 * Moves positions apart until neighbours are at least `gap` from each other, keeping their order and, for each cluster,
 * its middle. What would reach past `most` is moved back, and pushes what is before it.
 */
export function spread(positions: readonly number[], gap: number, most = Infinity): number[] {
  const at = (index: number) => positions[index] ?? 0;
  const order = positions.map((_, i) => i).sort((a, b) => at(a) - at(b));
  const clusters: { members: number[]; middle: number }[] = [];
  for (const index of order) {
    let cluster = { members: [index], middle: at(index) };
    let last = clusters.pop();
    while (last !== undefined && overlaps(last, cluster, gap)) {
      const members = [...last.members, ...cluster.members];
      const middle = members.reduce((sum, i) => sum + at(i), 0) / members.length;
      cluster = { members, middle };
      last = clusters.pop();
    }
    if (last !== undefined) clusters.push(last);
    clusters.push(cluster);
  }
  const moved = [...positions];
  let limit = most;
  for (const { members, middle } of clusters.reverse()) {
    for (let k = members.length - 1; k >= 0; k--) {
      const wanted = middle + (k - (members.length - 1) / 2) * gap;
      const place = Math.min(wanted, limit);
      moved[members[k] ?? 0] = place;
      limit = place - gap;
    }
  }
  return moved;
}

interface Cluster {
  readonly members: readonly number[];
  readonly middle: number;
}

function overlaps(before: Cluster, after: Cluster, gap: number): boolean {
  const room = (gap * (before.members.length + after.members.length)) / 2;
  return after.middle - before.middle < room;
}
