/**
 * Moves positions apart until neighbours are at least `gap` from each other, keeping their order and, for each cluster,
 * its middle; a cluster that would reach past `most` is moved back as a whole.
 */
export function spread(positions: readonly number[], gap: number, most = Infinity): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => at(positions, a) - at(positions, b));
  const clusters: { members: number[]; middle: number }[] = [];
  for (const index of order) {
    let cluster = { members: [index], middle: at(positions, index) };
    for (
      let last = clusters[clusters.length - 1];
      last !== undefined;
      last = clusters[clusters.length - 1]
    ) {
      const room = (gap * (last.members.length + cluster.members.length)) / 2;
      if (cluster.middle - last.middle >= room) break;
      clusters.pop();
      const members = [...last.members, ...cluster.members];
      const middle = members.reduce((sum, i) => sum + at(positions, i), 0) / members.length;
      cluster = { members, middle };
    }
    clusters.push(cluster);
  }
  const moved = [...positions];
  for (const cluster of clusters) {
    const { members } = cluster;
    const middle = Math.min(cluster.middle, most - ((members.length - 1) / 2) * gap);
    members.forEach((index, k) => {
      moved[index] = middle + (k - (members.length - 1) / 2) * gap;
    });
  }
  return moved;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}
