/** Which request the running code works for: the log names it in each line. */
import { AsyncLocalStorage } from "node:async_hooks";

export interface RequestContext {
  /** The `X-Request-Id` that the caller sent, or else one that the server made. */
  readonly requestId: string;
  /** The trace and the span, if the request is traced. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  appId: string | null;
  /** The pattern of the path, such as `/apps/{appId}/tokens`; null until it is known. */
  route: string | null;
  /** The request was answered. Timers and queues that it started still run in its context. */
  isEnded: boolean;
}

export const requestIdHeader = "X-Request-Id";
const validRequestId = /^[\x21-\x7e]{1,128}$/;

export const requestContext = new AsyncLocalStorage<RequestContext>();

/** The fields that each log line gets. */
export function logFields(): Record<string, string> {
  const context = requestContext.getStore();
  if (context === undefined || context.isEnded) return {};
  const { requestId, appId, traceId, spanId } = context;
  return {
    requestId,
    ...(appId !== null && { appId }),
    ...(traceId !== null && spanId !== null && { traceId, spanId }),
  };
}

/** Sets the route and the app of the request, for the log and the trace. */
export function noteRoute(route: string, appId: string | null): void {
  const context = requestContext.getStore();
  if (context === undefined) return;
  context.route = route;
  context.appId = appId;
}

/** The caller's request id; null if it sent none, or one that does not belong in a log. */
export function givenRequestId(headers: Headers): string | null {
  const given = headers.get(requestIdHeader);
  return given !== null && validRequestId.test(given) ? given : null;
}

/**
 * Handles the request in its own context, unless it already has one. The response gets the header `X-Request-Id`.
 * A context costs about a microsecond, so successful requests on the hot path have none.
 */
export function inRequestContext(
  { headers }: Request,
  answer: () => Response | Promise<Response>,
): Response | Promise<Response> {
  if (requestContext.getStore() !== undefined) return answer();
  const context: RequestContext = {
    requestId: givenRequestId(headers) ?? crypto.randomUUID(),
    traceId: null,
    spanId: null,
    appId: null,
    route: null,
    isEnded: false,
  };
  const finish = (response: Response) => {
    context.isEnded = true;
    response.headers.set(requestIdHeader, context.requestId);
    return response;
  };
  return requestContext.run(context, () => {
    const answered = answer();
    return answered instanceof Promise ? answered.then(finish) : finish(answered);
  });
}
