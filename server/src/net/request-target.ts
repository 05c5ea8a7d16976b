/** Which path a request asks for, and of which host. The only place that takes a request's URL apart. */

/** What stands in the first line of a request. */
export interface Target {
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
}

/**
 * `http://host/path?query`, or `/path?query` where the request named no host. It is cut by hand, because `URL` would
 * change what a sender has signed.
 */
export function targetOf(url: string): Target {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const fragment = url.indexOf("#");
  const target = start < 0 ? "/" : url.slice(start, fragment < 0 ? undefined : fragment);
  const mark = target.indexOf("?");
  return mark < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** A name or an address, and a port. */
const hostPattern = /^(?:\[[\da-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i;

/** What is wrong with where the request is addressed to, as a sentence; null where it is right. */
export function targetProblem(request: Request): string | null {
  const host = request.headers.get("host") ?? "";
  const isAbsolute = request.url.includes("://");
  if (host !== "" && (!hostPattern.test(host) || !isAbsolute))
    return "The Host header must be one name or address, with or without a port, such as example.com:6001";
  if (isAbsolute || request.url.startsWith("/")) return null;
  return "The first line of the request must name a path, such as GET /health/live HTTP/1.1";
}

/** The same request, for readers that need a whole URL: HTTP/1.0 names no host, and an empty Host header is legal. */
export function withWholeUrl(request: Request): Request {
  return request.url.startsWith("/") ? new Request(`http://localhost${request.url}`, request) : request;
}
