/** Which request the running code works for: the log names it in each line. Empty unless requests are traced. */
import { AsyncLocalStorage } from "node:async_hooks";

export interface RequestContext {
  /** The `X-Request-Id` that the caller sent, or else the trace id. */
  readonly requestId: string;
  readonly traceId: string;
  readonly spanId: string;
  appId: string | null;
  /** The pattern of the path, such as `/apps/{appId}/tokens`; null until it is known. */
  route: string | null;
  /** The request was answered. Timers and queues that it started still run in its context. */
  isEnded: boolean;
}

export const requestContext = new AsyncLocalStorage<RequestContext>();

/** The fields that each log line gets. */
export function logFields(): Record<string, string> {
  const context = requestContext.getStore();
  if (context === undefined || context.isEnded) return {};
  const { requestId, appId, traceId, spanId } = context;
  return { requestId, ...(appId !== null && { appId }), traceId, spanId };
}

/** Tells the trace which route and app the request is for. */
export function noteRoute(route: string, appId: string | null): void {
  const context = requestContext.getStore();
  if (context === undefined) return;
  context.route = route;
  context.appId = appId;
}
