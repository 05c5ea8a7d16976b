/** The routes of the HTTP API that backends call. */
import type { TerminateUser } from "../actions/terminate-user.ts";
import type { ActivityFeed, ActivityOf } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { ConnectionCount } from "../core/limits/connection-count.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { Sender } from "../core/sender.ts";
import { errorResponse } from "../net/error-response.ts";
import { bodyError, bodyOf } from "../net/read-body.ts";
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

/** A request that is being answered. */
interface Running {
  readonly raw: Request;
  readonly source: RequestSource;
  readonly target: Target;
  readonly found: FoundRoute<Work>;
  readonly startedMs: number;
  /** The app id in the path, once it is decoded; null: the path has none. */
  namedId: string | null;
  /** The app that signed it, once the signature is verified. */
  appId: string | null;
}

/** An authenticated request. */
interface Call {
  readonly app: App;
  readonly request: SignedRequest;
  readonly headers: Headers;
  readonly sender: Sender;
  /** The channel or user in the path, still percent-encoded; null: there is none. */
  readonly encodedName: string | null;
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
  const { refused, report } = createOutcomes(parts.refusedRequests, activity, options.onBug);

  /** It and `respond` are not async: a publish on a single node then creates fewer promises. */
  function answer(running: Running): Promise<Response> {
    const { raw, found } = running;
    try {
      running.namedId = found.appId === null ? null : decode(found.appId);
      return bodyOf(raw, options.httpBodyBytesMax).then(
        (body) => respond(running, body),
        (error: unknown) => refused(running, bodyError(error)),
      );
    } catch (error) {
      return refused(running, error);
    }
  }

  function respond(running: Running, body: string): Response | Promise<Response> {
    const { raw, source, target, found } = running;
    let response: Response;
    try {
      const request = signedRequestOf(raw.method, target, body, options.pathPrefix);
      const sender = new SenderOnDemand(raw, source);
      const app = parts.authenticate(request, running.namedId, sender);
      running.appId = app.id;
      const checking = parts.guards.checkRate(app);
      const call = { app, request, headers: raw.headers, sender, encodedName: found.name };
      const answered = checking === undefined ? found.route.work(call) : later(checking, found.route, call);
      if (answered instanceof Promise) return respondLater(running, answered);
      response = toResponse(answered);
    } catch (error) {
      return refused(running, error);
    }
    return report(running, response, null);
  }

  function respondLater(running: Running, answered: Promise<Answer>): Promise<Response> {
    return answered.then(toResponse).then(
      (given) => report(running, given, null),
      (error: unknown) => refused(running, error),
    );
  }

  return function pusherApi(request, source) {
    const target = targetOf(request.url);
    const found = find(target.path);
    if (found === null) return null;
    const { method } = found.route;
    const asked = request.method === "HEAD" ? "GET" : request.method;
    const startedMs = performance.now();
    if (asked === method)
      return answer({ raw: request, source, target, found, startedMs, namedId: null, appId: null });
    const message = `${request.method} is not allowed here: use ${method}`;
    const refused = new HttpError(405, message, { Allow: method });
    return Promise.resolve(inRequestContext(request, () => errorResponse(refused)));
  };
}

/** Answers refusals, and reports each request. */
function createOutcomes(
  refusedRequests: RefusedRequests,
  activity: ActivityFeed,
  onBug: (error: unknown) => void,
) {
  async function refused(running: Running, error: unknown): Promise<Response> {
    const { raw, source, appId, namedId, found } = running;
    const { method, pattern: route } = found.route;
    const response = await inRequestContext(raw, () => refuse(error, route, appId));
    const failure = { reason: reasonOf(error), sender: senderOf(raw, source) };
    if (appId === null && namedId !== null) {
      const { status } = response;
      refusedRequests.record({ appId: namedId, method, route, status, ...failure });
    }
    return report(running, response, failure);
  }

  function report(
    { appId, startedMs, found }: Running,
    response: Response,
    failure: ActivityOf<"api_request">["failure"],
  ): Response {
    const { method, pattern: route } = found.route;
    const durationMs = performance.now() - startedMs;
    const { status } = response;
    activity.emit({ type: "api_request", appId, method, route, status, durationMs, failure });
    return response;
  }

  function refuse(error: unknown, route: string, appId: string | null): Response {
    noteRoute(route, appId);
    if (error instanceof HttpError) return errorResponse(error);
    if (error instanceof EngineUnreachable) {
      return errorResponse(new HttpError(503, error.message, { "Retry-After": "1" }));
    }
    onBug(error);
    return errorResponse(new HttpError(500, "Internal server error"));
  }

  return { refused, report };
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
    await publishEvents.deprecated(call, nameOf(call)).publish();
    return null;
  };
  const channel: Work = (call) => readState.channel(call.app, call.request, nameOf(call));
  const terminate: Work = async (call) => {
    terminateUser(call.app.id, nameOf(call));
    return {};
  };

  return [
    post("/apps/:appId/events", (call) => once(call, publishEvents.event(call))),
    post("/apps/:appId/batch_events", (call) => once(call, publishEvents.batch(call))),
    post("/apps/:appId/channels/:channel/events", deprecated),
    get("/apps/:appId/channels", ({ app, request }) => readState.channels(app, request)),
    get("/apps/:appId/channels/:channel", channel),
    get("/apps/:appId/channels/:channel/stats", channel),
    get("/apps/:appId/channels/:channel/users", (call) => readState.users(call.app, nameOf(call))),
    get("/apps/:appId/channels/:channel/history", (call) =>
      readState.history(call.app, call.request, nameOf(call)),
    ),
    get("/apps/:appId/connections", async ({ app }) => ({ connections: connectionCount(app.id) })),
    post("/apps/:appId/users/:userId/terminate_connections", terminate),
    // The official Python SDK omits the app id in this path. The key in the query identifies the app.
    post("/users/:userId/terminate_connections", terminate),
  ];
}

function later(checking: Promise<void>, { work }: Route<Work>, call: Call): Promise<Answer> {
  return checking.then(() => work(call));
}

/** The channel or user in the path. @throws HttpError 400 */
function nameOf({ encodedName }: Call): string {
  return encodedName === null ? "" : decode(encodedName);
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
