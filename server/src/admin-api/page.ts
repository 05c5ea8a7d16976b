/** Lists by pages: the cursor is the key of the last entry, so that what comes and goes meanwhile shifts nothing. */

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
  /** On all pages together. */
  readonly total: number;
}

/** @param keyOf unique, and in the order wanted */
export function pageOf<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { limit, cursor }: PageRequest,
): Page<Item> {
  const after = cursor === undefined ? "" : decodeCursor(cursor);
  const keyed: { readonly key: string; readonly item: Item }[] = [];
  let total = 0;
  for (const item of items) {
    const key = keyOf(item);
    total += 1;
    if (key > after) keyed.push({ key, item });
  }
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = keyed.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    nextCursor: last === undefined || keyed.length <= limit ? null : encodeCursor(last.key),
    total,
  };
}

export function encodeCursor(key: string): string {
  return Buffer.from(key).toString("base64url");
}

export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

/** A number as text of one length, so that it sorts as a number. */
export function sortableNumber(value: number): string {
  return String(value).padStart(16, "0");
}
