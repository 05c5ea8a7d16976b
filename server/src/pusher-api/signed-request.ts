/** Reads the parts of a request that its signature covers: the raw path, the decoded query, the raw body. */
import type { Target } from "../net/request-target.ts";
import { HttpError } from "../protocol/errors.ts";
import { queryToSign } from "../protocol/signature.ts";

export interface SignedRequest {
  readonly method: string;
  /** The possible signed paths: SDKs encode differently, and proxies may remove a prefix. */
  readonly paths: readonly string[];
  readonly signing: Signing;
  /** The part of the signed text that comes from the query. */
  readonly queryToSign: string;
  /** The parameters that are not of the signature, in the order of the URL. Keys are lower-cased. */
  readonly query: readonly (readonly [string, string])[];
  readonly body: string;
}

/** The parameters of the signature; null: missing. */
export interface Signing {
  readonly key: string | null;
  readonly timestamp: string | null;
  readonly version: string | null;
  readonly bodyMd5: string | null;
  readonly signature: string | null;
}

const queryPairsMax = 100;

/** The query of an SDK with only the signature's parameters: it is already in the signed form and needs no decoding. */
const usualQuery =
  /^(auth_key=([^&%]*)&auth_timestamp=([^&%]*)&auth_version=([^&%]*)(?:&body_md5=([^&%]*))?)&auth_signature=([^&%]*)$/;
const noParameters: SignedRequest["query"] = [];

/** @throws HttpError 400 */
export function signedRequestOf(
  method: string,
  target: Target,
  body: string,
  pathPrefix: string,
): SignedRequest {
  const paths = pathsOf(target.path, pathPrefix);
  const usual = usualQuery.exec(target.query);
  if (usual === null) return { method, paths, ...readQuery(target.query), body };
  const [, signed = "", key = null, timestamp = null, version = null, bodyMd5 = null, signature = null] =
    usual;
  const signing = { key, timestamp, version, bodyMd5, signature };
  return { method, paths, signing, queryToSign: signed, query: noParameters, body };
}

function readQuery(text: string): Pick<SignedRequest, "signing" | "queryToSign" | "query"> {
  const pairs = parseQuery(text);
  const signing = {
    key: queryValue(pairs, "auth_key"),
    timestamp: queryValue(pairs, "auth_timestamp"),
    version: queryValue(pairs, "auth_version"),
    bodyMd5: queryValue(pairs, "body_md5"),
    signature: queryValue(pairs, "auth_signature"),
  };
  const query = pairs.filter(([key]) => key !== "body_md5" && !key.startsWith("auth_"));
  return { signing, queryToSign: queryToSign(pairs), query };
}

/** One value of the query. Keys are unique except those of lists (`key[]`). */
export function queryValue(query: SignedRequest["query"], key: string): string | null {
  for (const pair of query) if (pair[0] === key) return pair[1];
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
  for (let start = 0; start < query.length; ) {
    const end = orLength(query.indexOf("&", start), query);
    const keyEnd = Math.min(orLength(query.indexOf("=", start), query), end);
    const key = decode(query.slice(start, keyEnd)).toLowerCase();
    const value = decode(query.slice(keyEnd + 1, end));
    if (!key.endsWith("[]")) {
      if (++singles > queryPairsMax)
        throw new HttpError(
          400,
          `Too many query parameters: at most ${queryPairsMax}, not counting those of lists`,
        );
      if (queryValue(pairs, key) !== null)
        throw new HttpError(400, `Duplicate query parameter: ${key.slice(0, 64)}`);
    }
    pairs.push([key, value]);
    start = end + 1;
  }
  return pairs;
}

function orLength(found: number, text: string): number {
  return found < 0 ? text.length : found;
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
