/** The routes of the HTTP API that backends call. */
import type { TerminateUser } from "../actions/terminate-user.ts";
import type { ActivityFeed, ActivityOf } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { ConnectionCount } from "../core/limits/connection-count.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { Sender } from "../core/sender.ts";
import { errorResponse } from "../net/error-response.ts";
import { readBody } from "../net/read-body.ts";
import { inRequestContext, noteRoute } from "../net/request-context.ts";
import { type Target, targetOf } from "../net/request-target.ts";
import { HttpError } from "../protocol/errors.ts";
import { type Authenticate, WrongSignature } from "./authenticate.ts";
import type { PublishEvents, Trigger, TriggerAnswer } from "./publish-events.ts";
import type { ReadState } from "./read-state.ts";
import type { RefusedRequests } from "./refused-requests.ts";
import type { RequestGuards } from "./request-guards.ts";
import { createFindRoute, type FoundRoute, type Route } from "./route-table.ts";
import { type RequestSource, SenderOnDemand, senderOf } from "./sender.ts";
import { decode, type SignedRequest, signedRequestOf } from "./signed-request.ts";

export interface PusherApiParts {
  readonly authenticate: Authenticate;
  readonly refusedRequests: RefusedRequests;
  readonly guards: RequestGuards;
  readonly publishEvents: PublishEvents;
  readonly readState: ReadState;
  readonly terminateUser: TerminateUser;
  readonly connectionCount: ConnectionCount;
}

export interface PusherApiOptions {
  readonly pathPrefix: string;
  readonly httpBodyBytesMax: number;
  readonly onBug: (error: unknown) => void;
}

/** Answers the request; null if the path does not belong to this API. */
export type PusherApi = (request: Request, source: RequestSource) => Promise<Response> | null;

/** An authenticated request. */
interface Call {
  readonly app: App;
  readonly request: SignedRequest;
  readonly headers: Headers;
  readonly sender: Sender;
  /** The channel or user in the path; empty if there is none. */
  readonly name: string;
}

/** An object is the body of a 200 response. Null is the empty 202 of the deprecated route. */
type Answer = Response | object | null;
type Work = (call: Call) => Answer | Promise<Answer>;

export function createPusherApi(
  parts: PusherApiParts,
  activity: ActivityFeed,
  options: PusherApiOptions,
): PusherApi {
  const find = createFindRoute(routesOf(parts), options.pathPrefix);

  async function answer(
    raw: Request,
    source: RequestSource,
    target: Target,
    found: FoundRoute<Work>,
  ): Promise<Response> {
    const { method, pattern, work } = found.route;
    const startedMs = performance.now();
    let appId: string | null = null;
    let namedId: string | null = null;
    let failure: ActivityOf<"api_request">["failure"] = null;
    let response: Response;
    try {
      namedId = found.appId === null ? null : decode(found.appId);
      const body = await readBody(raw, options.httpBodyBytesMax);
      const request = signedRequestOf(raw.method, target, body, options.pathPrefix);
      const sender = new SenderOnDemand(raw, source);
      const app = parts.authenticate(request, namedId, sender);
      appId = app.id;
      const checking = parts.guards.checkRate(app);
      if (checking !== undefined) await checking;
      const name = found.name === null ? "" : decode(found.name);
      const answered = work({ app, request, headers: raw.headers, sender, name });
      response = toResponse(answered instanceof Promise ? await answered : answered);
    } catch (error) {
      response = await inRequestContext(raw, () => refuse(error, pattern, appId));
      failure = { reason: reasonOf(error), sender: senderOf(raw, source) };
      if (appId === null && namedId !== null) {
        const { status } = response;
        parts.refusedRequests.record({ appId: namedId, method, route: pattern, status, ...failure });
      }
    }
    const durationMs = performance.now() - startedMs;
    activity.emit({
      type: "api_request",
      appId,
      method,
      route: pattern,
      status: response.status,
      durationMs,
      failure,
    });
    return response;
  }

  function refuse(error: unknown, route: string, appId: string | null): Response {
    noteRoute(route, appId);
    if (error instanceof HttpError) return errorResponse(error);
    if (error instanceof EngineUnreachable) {
      return errorResponse(new HttpError(503, error.message, { "Retry-After": "1" }));
    }
    options.onBug(error);
    return errorResponse(new HttpError(500, "Internal server error"));
  }

  return function pusherApi(request, source) {
    const target = targetOf(request.url);
    const found = find(target.path);
    if (found === null) return null;
    const { method } = found.route;
    const asked = request.method === "HEAD" ? "GET" : request.method;
    if (asked === method) return answer(request, source, target, found);
    const message = `${request.method} is not allowed here: use ${method}`;
    const refused = new HttpError(405, message, { Allow: method });
    return Promise.resolve(inRequestContext(request, () => errorResponse(refused)));
  };
}

/** The most used routes first: the lookup tries them in this order. */
function routesOf(parts: PusherApiParts): readonly Route<Work>[] {
  const { guards, publishEvents, readState, terminateUser, connectionCount } = parts;
  const get = (pattern: string, work: Work): Route<Work> => ({ method: "GET", pattern, work });
  const post = (pattern: string, work: Work): Route<Work> => ({ method: "POST", pattern, work });

  function once({ app, headers }: Call, trigger: Trigger): Response | Promise<Response> {
    const answer = guards.once(app, trigger, headers.get("idempotency-key"));
    return answer instanceof Promise ? answer.then(responseOf) : responseOf(answer);
  }

  const deprecated: Work = async (call) => {
    await publishEvents.deprecated(call, call.name).publish();
    return null;
  };
  const channel: Work = ({ app, request, name }) => readState.channel(app, request, name);
  const terminate: Work = async ({ app, name }) => {
    terminateUser(app.id, name);
    return {};
  };

  return [
    post("/apps/:appId/events", (call) => once(call, publishEvents.event(call))),
    post("/apps/:appId/batch_events", (call) => once(call, publishEvents.batch(call))),
    post("/apps/:appId/channels/:channel/events", deprecated),
    get("/apps/:appId/channels", ({ app, request }) => readState.channels(app, request)),
    get("/apps/:appId/channels/:channel", channel),
    get("/apps/:appId/channels/:channel/stats", channel),
    get("/apps/:appId/channels/:channel/users", ({ app, name }) => readState.users(app, name)),
    get("/apps/:appId/channels/:channel/history", ({ app, request, name }) =>
      readState.history(app, request, name),
    ),
    get("/apps/:appId/connections", async ({ app }) => ({ connections: connectionCount(app.id) })),
    post("/apps/:appId/users/:userId/terminate_connections", terminate),
    // The official Python SDK omits the app id in this path. The key in the query identifies the app.
    post("/users/:userId/terminate_connections", terminate),
  ];
}

/** The reason, without details that viewers of the app must not see. */
function reasonOf(error: unknown): string {
  if (error instanceof WrongSignature) return error.reason;
  return error instanceof HttpError ? error.message : "Internal server error";
}

function responseOf({ body, isLocal }: TriggerAnswer): Response {
  return isLocal ? Response.json(body, { headers: { "Soketify-Delivery": "local" } }) : Response.json(body);
}

function toResponse(answer: Answer): Response {
  if (answer instanceof Response) return answer;
  return answer === null ? new Response(null, { status: 202 }) : Response.json(answer);
}
