/** The headers of the HTTP fallbacks, with which a page of any origin can read the answers. */
import { errorResponse } from "../net/error-response.ts";
import { HttpError } from "../protocol/errors.ts";

/** The prefix of all paths of the HTTP fallbacks. */
export function fallbackPath(pathPrefix: string): string {
  return `${pathPrefix}/pusher/app/`;
}

export const headers = {
  // The answers depend on no cookie, and the app's allowed origins are checked as for a WebSocket.
  "Access-Control-Allow-Origin": "*",
  "Cache-Control": "no-store",
};

export const framesHeaders = {
  ...headers,
  "Content-Type": "text/plain; charset=utf-8",
  // Without this header nginx buffers the stream.
  "X-Accel-Buffering": "no",
};

const preflightHeaders = {
  ...headers,
  "Access-Control-Allow-Methods": "POST",
  "Access-Control-Allow-Headers": "Content-Type",
  "Access-Control-Max-Age": "86400",
};

export function preflight(): Response {
  return new Response(null, { status: 204, headers: preflightHeaders });
}

/** The answer of a server that has the HTTP fallbacks disabled. */
export function fallbacksDisabled({ method }: Request): Response {
  if (method === "OPTIONS") return preflight();
  const sentence =
    "The HTTP fallbacks are disabled: use WebSocket, or set SOKETIFY_HTTP_FALLBACK_ENABLED=true";
  return errorResponse(new HttpError(404, sentence), headers);
}
