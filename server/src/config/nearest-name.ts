/** Finds the known name that a mistyped one was probably meant to be. */

/**
 * Returns the only name that continues the given one, such as TLS_KEY_FILE for TLS_KEY; otherwise the name with the fewest
 * changes. Null if more than a third would change.
 */
export function nearestName(given: string, known: readonly string[]): string | null {
  const start = given.toLowerCase();
  const continued = known.filter((name) => name.toLowerCase().startsWith(start));
  if (start.length > 3 && continued.length === 1) return continued[0] ?? null;
  let nearest: string | null = null;
  let least = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

/** The letters to add, remove or replace to turn one into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 0; at < from.length; at++) {
    const next = [at + 1];
    for (let index = 0; index < to.length; index++) {
      const replaced = (row[index] ?? 0) + (from[at] === to[index] ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
