/** JSON made anew from what a stranger sent. */

/** As deep as PHP decodes by default. The runtime's encoder takes seconds for some ten thousand levels. */
const levelsMax = 512;

/** The JSON of a parsed value; null where it is nested more than 512 levels deep. */
export function jsonText(value: unknown): string | null {
  return isDeeper(value, levelsMax) ? null : JSON.stringify(value);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
