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
  if (start < 0) return { path: "/", query: "" };
  const fragment = url.indexOf("#");
  const end = fragment < 0 ? url.length : fragment;
  const mark = url.indexOf("?", start);
  return mark < 0 || mark > end
    ? { path: url.slice(start, end), query: "" }
    : { path: url.slice(start, mark), query: url.slice(mark + 1, end) };
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
