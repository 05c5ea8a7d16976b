/** Paginated lists. The cursor is the key of the last entry, so that concurrent changes do not shift pages. */
import type { Refusal } from "../core/refusal.ts";
import { invalidRequest } from "./problem.ts";

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
  /** The number of rows on all pages. */
  readonly total: number;
}

/** One node's page, to merge with the pages of the other nodes. */
export interface KeyedPage<Item> {
  readonly items: readonly { readonly key: string; readonly item: Item }[];
  readonly hasMore: boolean;
  readonly total: number;
}

/** The maximum characters of one node's answer. Redis disconnects a subscriber with too many unread bytes. */
const partCharactersMax = 786_432;

/** @param keyOf returns a unique key; the keys determine the order */
export function pageOf<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { limit, cursor }: PageRequest,
): Page<Item> {
  const { keyed, total } = after(items, keyOf, cursor);
  const page = keyed.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    nextCursor: last === undefined || keyed.length <= limit ? null : encodeCursor(last.key),
    total,
  };
}

/**
 * One node's page: the first entries after the cursor, as many as fit into an answer between nodes.
 * @param keyOf returns a key that is unique among all nodes; the keys determine the order
 * @param describe converts an entry to plain JSON
 */
export function keyedPage<Item, Row>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  describe: (item: Item) => Row,
  { limit, cursor }: PageRequest,
): KeyedPage<Row> {
  const { keyed, total } = after(items, keyOf, cursor);
  const page = thatFit(keyed.slice(0, limit).map(({ key, item }) => ({ key, item: describe(item) })));
  return { items: page, hasMore: keyed.length > page.length, total };
}

/** Merges the pages of all nodes. It ends at the smallest last key of the nodes that have more entries. */
export function mergePages<Item>(pages: readonly KeyedPage<Item>[], { limit }: PageRequest): Page<Item> {
  const ends = pages.flatMap(({ items, hasMore }) => (hasMore ? [items.at(-1)?.key ?? ""] : []));
  const [end = ""] = ends.sort();
  const all = pages.flatMap(({ items }) => items);
  all.sort((a, b) => (a.key < b.key ? -1 : 1));
  const known = ends.length === 0 ? all : all.filter(({ key }) => key <= end);
  const page = known.slice(0, limit);
  const last = page.at(-1);
  const hasMore = page.length < all.length || ends.length > 0;
  return {
    items: page.map(({ item }) => item),
    nextCursor: last === undefined || !hasMore ? null : encodeCursor(last.key),
    total: pages.reduce((sum, { total }) => sum + total, 0),
  };
}

/**
 * A page of stored rows, newest first. The cursor is the sequence number of its last row.
 * @param rows the rows of the page, and one more if there is a next page
 */
export function sequencePage<Row extends { readonly sequence: number }>(
  rows: readonly Row[],
  limit: number,
): Omit<Page<Row>, "total"> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: last === undefined || rows.length <= limit ? null : encodeCursor(String(last.sequence)),
  };
}

/** The sequence number in a cursor of `sequencePage`; null without a cursor. @throws Refusal `invalid_request` */
export function sequenceOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const sequence = Number(decodeCursor(cursor));
  if (Number.isSafeInteger(sequence) && sequence > 0) return sequence;
  throw cursorNotOfPage();
}

export function cursorNotOfPage(): Refusal {
  return invalidRequest("`cursor` must be the `nextCursor` of the previous page");
}

/** The first items that fit into an answer between nodes, but at least one. */
export function thatFit<Item>(items: readonly Item[]): Item[] {
  let left = partCharactersMax;
  const end = items.findIndex((item, index) => {
    left -= JSON.stringify(item).length;
    return left < 0 && index > 0;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}

export function encodeCursor(key: string): string {
  return Buffer.from(key).toString("base64url");
}

export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

/** A number as text of fixed length, so that text order equals number order. */
export function sortableNumber(value: number): string {
  return String(value).padStart(16, "0");
}

/** As `sortableNumber`, with the largest number first. */
export function latestFirst(value: number): string {
  return sortableNumber(Number.MAX_SAFE_INTEGER - value);
}

function after<Item>(items: Iterable<Item>, keyOf: (item: Item) => string, cursor: string | undefined) {
  const last = cursor === undefined ? "" : decodeCursor(cursor);
  const keyed: { readonly key: string; readonly item: Item }[] = [];
  let total = 0;
  for (const item of items) {
    const key = keyOf(item);
    total += 1;
    if (key > last) keyed.push({ key, item });
  }
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { keyed, total };
}
