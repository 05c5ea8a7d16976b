/** Wraps parts of the server in spans. They are wrapped only if the server sends traces. */
import type { ActivityFeed } from "../core/activity.ts";
import { noteRoute } from "../net/request-context.ts";
import { targetOf } from "../net/request-target.ts";
import type { Tracing } from "../telemetry/tracing.ts";
import type { WebhookTrace } from "../webhooks/webhook-trace.ts";
import type { HttpHandler } from "./http-handlers.ts";

const apiPath = /^\/(apps|users|api)\//;

/** @param tracing null: returns the handler itself */
export function tracedHandler(
  handler: HttpHandler,
  tracing: Tracing | null,
  pathPrefix: string,
): HttpHandler {
  if (tracing === null) return handler;
  return {
    fetch(request, origin) {
      if (!isApiRequest(request, pathPrefix)) return handler.fetch(request, origin);
      return tracing.serve(request, () => handler.fetch(request, origin));
    },
  };
}

/** Whether the request is for the HTTP API or the admin API. Files of the dashboard are neither traced nor logged. */
export function isApiRequest({ url }: Request, pathPrefix: string): boolean {
  const { path } = targetOf(url);
  return path.startsWith(pathPrefix) && apiPath.test(path.slice(pathPrefix.length));
}

/** Names the route and the app of requests to the HTTP API, for spans and the log. */
export function nameRequests(activity: ActivityFeed): void {
  activity.on("api_request", ({ route, appId }) => noteRoute(route, appId));
}

/** A span for each request to a webhook. Its URL is not in the span except for the host, because it may hold a secret. */
export function webhookTrace(tracing: Tracing): WebhookTrace {
  return {
    cause: () => tracing.traceparent(),
    send: (send) => (webhook, message, attempts) => {
      const { hostname } = new URL(webhook.url);
      const about = {
        appId: webhook.appId,
        causes: message.causes,
        attributes: {
          "http.request.method": "POST",
          "server.address": hostname,
          "soketify.app.id": webhook.appId,
          "soketify.webhook.id": webhook.id,
          "soketify.webhook.events": message.events.length,
          "http.request.resend_count": attempts,
        },
      };
      return tracing.send(
        about,
        () => send(webhook, message, attempts),
        ({ attempt: { status, answer } }) => ({
          attributes: status === null ? {} : { "http.response.status_code": status },
          failure: status === null ? answer : status >= 400 ? "" : null,
        }),
      );
    },
    fetchTo: (fetchTo) => (request) =>
      fetchTo({ ...request, headers: { ...request.headers, ...tracing.headers() } }),
  };
}
