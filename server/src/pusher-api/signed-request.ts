/** Reads the parts of a request that its signature covers: the raw path, the decoded query, the raw body. */
import type { Target } from "../net/request-target.ts";
import { HttpError } from "../protocol/errors.ts";

export interface SignedRequest {
  readonly method: string;
  /** The possible signed paths: SDKs encode differently, and proxies may remove a prefix. */
  readonly paths: readonly string[];
  /** In the order of the URL. Keys are lower-cased. */
  readonly query: readonly (readonly [string, string])[];
  readonly body: string;
}

const queryPairsMax = 100;

/** @throws HttpError 400 */
export function signedRequestOf(
  method: string,
  target: Target,
  body: string,
  pathPrefix: string,
): SignedRequest {
  return { method, paths: pathsOf(target.path, pathPrefix), query: parseQuery(target.query), body };
}

/** One value of the query. Keys are unique except those of lists (`key[]`). */
export function queryValue(query: SignedRequest["query"], key: string): string | null {
  for (const [name, value] of query) if (name === key) return value;
  return null;
}

/** The values of `key[]=a&key[]=b`, in the order of the URL; null if there are none. */
export function queryList(query: SignedRequest["query"], key: string): readonly string[] | null {
  const values = query.flatMap(([name, value]) => (name === `${key}[]` ? [value] : []));
  return values.length === 0 ? null : values;
}

function pathsOf(raw: string, prefix: string): string[] {
  const paths = raw.includes("%") ? [raw, decode(raw)] : [raw];
  if (prefix === "") return paths;
  return [...paths, ...paths.map((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : path))];
}

function parseQuery(query: string): [string, string][] {
  const pairs: [string, string][] = [];
  // The code that reads a list limits its length, and the runtime limits the URL.
  let singles = 0;
  // Fast path: SDK queries usually contain no encoding and no capital letters, so one check replaces many.
  const isPlain = !/[%A-Z]/.test(query);
  for (let start = 0; start < query.length; ) {
    const end = orEnd(query.indexOf("&", start), query);
    const keyEnd = Math.min(orEnd(query.indexOf("=", start), query), end);
    const [key, value] = [query.slice(start, keyEnd), query.slice(keyEnd + 1, end)];
    const pair: [string, string] = isPlain ? [key, value] : [decode(key).toLowerCase(), decode(value)];
    if (!pair[0].endsWith("[]") && ++singles > queryPairsMax) {
      throw new HttpError(
        400,
        `Too many query parameters: at most ${queryPairsMax}, not counting those of lists`,
      );
    }
    addPair(pairs, pair);
    start = end + 1;
  }
  return pairs;
}

function orEnd(found: number, text: string): number {
  return found < 0 ? text.length : found;
}

function addPair(pairs: [string, string][], [key, value]: [string, string]): void {
  if (!key.endsWith("[]") && queryValue(pairs, key) !== null) {
    throw new HttpError(400, `Duplicate query parameter: ${key.slice(0, 64)}`);
  }
  pairs.push([key, value]);
}

/** @throws HttpError 400 */
export function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(
      400,
      "The URL is not valid: a % must start a percent-encoded UTF-8 byte, such as %20",
    );
  }
}
