/**
 * The key to forget where there is no more room: the oldest of whoever has most, so that nobody pushes out what others
 * have. `kept` is in the order in which it came.
 */
export function oldestOfMost<K, V>(kept: ReadonlyMap<K, V>, ownerOf: (value: V) => string): K | undefined {
  const counts = new Map<string, number>();
  let most: string | undefined;
  for (const value of kept.values()) {
    const owner = ownerOf(value);
    const count = (counts.get(owner) ?? 0) + 1;
    counts.set(owner, count);
    if (most === undefined || count > counts.get(most)!) most = owner;
  }
  for (const [key, value] of kept) if (ownerOf(value) === most) return key;
  return undefined;
}
