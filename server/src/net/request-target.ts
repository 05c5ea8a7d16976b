/** Parses the host and path of a request's URL. Only this file does this. */

/** The path and query of a request. */
export interface Target {
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

/**
 * Splits `http://host/path?query`, or `/path?query` of a request without a host. It does not use `URL`, which would
 * change the path that a sender has signed.
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

/** A name or an address, with an optional port. */
const hostPattern = /^(?:\[[\da-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i;

/** What is wrong with the request's host or path, as a sentence; null: both are valid. */
export function targetProblem(request: Request): string | null {
  const host = request.headers.get("host") ?? "";
  const isAbsolute = request.url.includes("://");
  if (host !== "" && (!hostPattern.test(host) || !isAbsolute))
    return "The Host header must be one name or address, with or without a port, such as example.com:6001";
  if (isAbsolute || request.url.startsWith("/")) return null;
  return "The first line of the request must have a path, such as GET /health/live HTTP/1.1";
}

/** Returns the request with an absolute URL: a request of HTTP/1.0 or with an empty Host header has no host. */
export function withWholeUrl(request: Request): Request {
  return request.url.startsWith("/") ? new Request(`http://localhost${request.url}`, request) : request;
}
