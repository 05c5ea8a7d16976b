/** Reads a request as it was signed: the raw path, the decoded query, the raw body. */
import { HttpError } from "../protocol/errors.ts";

export interface SignedRequest {
  readonly method: string;
  /** The paths that the sender may have signed: SDKs differ in what they encode, proxies in what they cut off. */
  readonly paths: readonly string[];
  /** In the order given. Keys are lower-cased. */
  readonly query: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

const queryPairsMax = 100;
const emptyBody = Buffer.alloc(0);

/** @throws HttpError 400 or 413 */
export async function readSignedRequest(
  request: Request,
  pathPrefix: string,
  bodyBytesMax: number,
): Promise<SignedRequest> {
  const [path, query] = splitTarget(request.url);
  return {
    method: request.method,
    paths: pathsOf(path, pathPrefix),
    query: parseQuery(query),
    body: await readBody(request, bodyBytesMax),
  };
}

/** One value of the query. Keys are unique, those of arrays (`key[]`) aside. */
export function queryValue(query: SignedRequest["query"], key: string): string | null {
  return query.find(([name]) => name === key)?.[1] ?? null;
}

/** `http://host/path?query`, cut by hand: URL would normalise what was signed. */
function splitTarget(url: string): readonly [string, string] {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const target = start < 0 ? "/" : url.slice(start);
  const mark = target.indexOf("?");
  return mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

function pathsOf(raw: string, prefix: string): string[] {
  const paths = raw.includes("%") ? [raw, decode(raw)] : [raw];
  if (prefix === "") return paths;
  return [...paths, ...paths.map((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : path))];
}

function parseQuery(query: string): [string, string][] {
  if (query === "") return [];
  const parts = query.split("&");
  if (parts.length > queryPairsMax) {
    throw new HttpError(400, `Too many query parameters: at most ${queryPairsMax}`);
  }
  const seen = new Set<string>();
  return parts.map((part) => {
    const equals = part.indexOf("=");
    const key = decode(equals < 0 ? part : part.slice(0, equals)).toLowerCase();
    if (seen.has(key) && !key.endsWith("[]")) {
      throw new HttpError(400, `Duplicate query parameter: ${key.slice(0, 64)}`);
    }
    seen.add(key);
    return [key, equals < 0 ? "" : decode(part.slice(equals + 1))];
  });
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, "The URL is not valid: a % must begin the code of a UTF-8 byte, such as %20");
  }
}

/** The runtime stops reading at its own limit; a body that announces its length is refused unread. */
async function readBody(request: Request, bytesMax: number): Promise<Buffer> {
  if (request.method === "GET" || request.method === "HEAD") return emptyBody;
  const tooLarge = () => new HttpError(413, `The request body is too large: at most ${bytesMax} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge();
  let body: ArrayBuffer;
  try {
    body = await request.arrayBuffer();
  } catch {
    // Either it is longer than the runtime's limit, or the sender went away and reads no answer.
    throw tooLarge();
  }
  if (body.byteLength > bytesMax) throw tooLarge();
  return Buffer.from(body);
}
