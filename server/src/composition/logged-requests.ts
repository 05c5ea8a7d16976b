/** Gives requests an id, which the log and the response have, and logs each one if the level is `debug`. */
import type { Logger } from "pino";
import { inRequestContext, requestContext } from "../net/request-context.ts";
import type { HttpHandler } from "./http-handlers.ts";
import { isApiRequest } from "./traced-parts.ts";

/** Wraps a handler of requests that are few, or of all requests while each is logged. */
export function withRequestIds(
  handler: HttpHandler,
  log: Pick<Logger, "debug">,
  pathPrefix: string,
): HttpHandler {
  return {
    fetch(request, origin) {
      if (!isApiRequest(request, pathPrefix)) return handler.fetch(request, origin);
      return inRequestContext(request, async () => {
        const startedMs = performance.now();
        const response = await handler.fetch(request, origin);
        const durationMs = Math.round(performance.now() - startedMs);
        const route = requestContext.getStore()?.route ?? null;
        log.debug({ method: request.method, route, status: response.status, durationMs }, "Request");
        return response;
      });
    },
  };
}
