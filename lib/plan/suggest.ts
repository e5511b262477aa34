/**
 * The known name nearest to a mistyped one, by edit distance; undefined if none is near, that is, if more than one letter in three
 * differs.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name;
}

/** `customers   (known: customers, regions)`: the nearest name, then all known names. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const list = known.length > 0 ? `known: ${known.slice(0, 20).join(', ')}` : 'there are none';
  return near === undefined ? list : `${near}   (${list})`;
}

/** Number of letters to add, drop, change, or swap with a neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? before[j - 2]! + 1
          : Number.POSITIVE_INFINITY;
      current.push(Math.min(substituted, previous[j]! + 1, current[j - 1]! + 1, swapped));
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}
