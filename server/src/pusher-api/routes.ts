/** The HTTP API that backends call: the contents page. */
import { type Context, Hono } from "hono";
import type { TerminateUser } from "../actions/terminate-user.ts";
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { Hub } from "../core/hub.ts";
import { HttpError } from "../protocol/errors.ts";
import type { Authenticate } from "./authenticate.ts";
import type { PublishEvents } from "./publish-events.ts";
import type { ReadState } from "./read-state.ts";
import type { RequestGuards } from "./request-guards.ts";
import { readSignedRequest, type SignedRequest } from "./signed-request.ts";

export interface PusherApiParts {
  readonly authenticate: Authenticate;
  readonly guards: RequestGuards;
  readonly publishEvents: PublishEvents;
  readonly readState: ReadState;
  readonly terminateUser: TerminateUser;
  readonly hub: Hub;
}

export interface PusherApiOptions {
  readonly pathPrefix: string;
  readonly httpBodyBytesMax: number;
  readonly onBug: (error: unknown) => void;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Null is the empty 202 of the deprecated route. */
type Work = (app: App, request: SignedRequest, context: Context) => Promise<object | null>;

export function createPusherApi(
  parts: PusherApiParts,
  activity: ActivityFeed,
  options: PusherApiOptions,
): Hono {
  const { guards, publishEvents, readState, terminateUser, hub } = parts;
  const api = new Hono();

  function route(method: "GET" | "POST", path: string, work: Work): void {
    api.on(method, path, async (context) => {
      const startedMs = performance.now();
      const { response, appId } = await answer(context, work);
      const durationMs = performance.now() - startedMs;
      activity.emit({ type: "api_request", appId, method, route: path, status: response.status, durationMs });
      return response;
    });
    // Not `all`: a route with one handler is answered without Hono's chain of them.
    const others = methods.filter((other) => other !== method);
    api.on(others, path, (context) => {
      const message = `${context.req.method} is not allowed here: use ${method}`;
      return refuse(context, new HttpError(405, message, { Allow: method }));
    });
  }

  async function answer(
    context: Context,
    work: Work,
  ): Promise<{ readonly response: Response; readonly appId: string | null }> {
    let appId: string | null = null;
    try {
      const request = await readSignedRequest(context.req.raw, options.pathPrefix, options.httpBodyBytesMax);
      const app = parts.authenticate(request, context.req.param("appId") ?? null);
      appId = app.id;
      guards.checkRate(app);
      const body = await work(app, request, context);
      return { response: body === null ? context.body(null, 202) : context.json(body), appId };
    } catch (error) {
      return { response: refuse(context, error), appId };
    }
  }

  function refuse(context: Context, error: unknown): Response {
    if (error instanceof HttpError) return plainText(context, error);
    options.onBug(error);
    return plainText(context, new HttpError(500, "Internal server error"));
  }

  const terminate: Work = async (app, _request, context) => {
    terminateUser(app.id, param(context, "userId"));
    return {};
  };

  route("POST", "/apps/:appId/events", (app, request, context) =>
    guards.once(app, publishEvents.event(app, request), context.req.header("idempotency-key")),
  );
  route("POST", "/apps/:appId/batch_events", (app, request, context) =>
    guards.once(app, publishEvents.batch(app, request), context.req.header("idempotency-key")),
  );
  route("POST", "/apps/:appId/channels/:channel/events", async (app, request, context) => {
    await publishEvents.deprecated(app, request, param(context, "channel")).publish();
    return null;
  });
  route("GET", "/apps/:appId/channels", readState.channels);
  route("GET", "/apps/:appId/channels/:channel", (app, request, context) =>
    readState.channel(app, request, param(context, "channel")),
  );
  route("GET", "/apps/:appId/channels/:channel/stats", (app, request, context) =>
    readState.channel(app, request, param(context, "channel")),
  );
  route("GET", "/apps/:appId/channels/:channel/users", (app, _request, context) =>
    readState.users(app, param(context, "channel")),
  );
  route("GET", "/apps/:appId/connections", async (app) => ({ connections: hub.connectionCountOf(app.id) }));
  route("POST", "/apps/:appId/users/:userId/terminate_connections", terminate);
  // The official Python SDK leaves the app out of this path; the key in the query names it.
  route("POST", "/users/:userId/terminate_connections", terminate);

  return api;
}

/** Hono decodes what stands in the path. */
function param(context: Context, name: string): string {
  return context.req.param(name) ?? "";
}

function plainText(context: Context, { status, message, headers }: HttpError): Response {
  return context.newResponse(`${message}\n`, status as 400, {
    "Content-Type": "text/plain; charset=utf-8",
    ...headers,
  });
}
