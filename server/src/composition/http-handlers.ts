/** Creates the HTTP handlers of the clients' port and the dashboard's port. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Logger } from "pino";
import type { AdminApi } from "../admin-api/admin-api.ts";
import { createDashboardFiles } from "../admin-api/dashboard-files.ts";
import type { PeopleApi } from "../admin-api/people/people-api.ts";
import { notFound as noEndpoint, type RequestOrigin } from "../admin-api/routes.ts";
import type { Config } from "../config/config.ts";
import { Idempotency } from "../core/idempotency.ts";
import { createConnectionCount } from "../core/limits/connection-count.ts";
import { errorResponse } from "../net/error-response.ts";
import { targetOf } from "../net/request-target.ts";
import { HttpError } from "../protocol/errors.ts";
import { createAuthenticate } from "../pusher-api/authenticate.ts";
import { bytesOfAnswer, createPublishEvents } from "../pusher-api/publish-events.ts";
import { createReadState } from "../pusher-api/read-state.ts";
import { RefusedRequests } from "../pusher-api/refused-requests.ts";
import { createRequestGuards } from "../pusher-api/request-guards.ts";
import { createPusherApi } from "../pusher-api/routes.ts";
import type { Tracing } from "../telemetry/tracing.ts";
import { upgradeRequired } from "../transport/web-socket-door.ts";
import type { Addresses } from "./addresses.ts";
import { withRequestIds } from "./logged-requests.ts";
import type { ProtocolStack } from "./protocol-stack.ts";
import type { SharedParts } from "./shared-parts.ts";
import { nameRequests, tracedHandler } from "./traced-parts.ts";

export interface HttpHandler {
  fetch(request: Request, origin: RequestOrigin): Response | Promise<Response>;
}

interface HttpHandlerParts {
  readonly admin: AdminApi;
  /** Null if the dashboard is disabled: then nobody can log in. */
  readonly people: PeopleApi | null;
  readonly onBug: (error: unknown) => void;
  readonly log: Logger;
  /** Null if nothing is traced. */
  readonly tracing: Tracing | null;
}

export interface HttpHandlers {
  readonly main: HttpHandler;
  /** Null if the dashboard is on the main port. */
  readonly dashboard: HttpHandler | null;
}

export function createHttpHandlers(
  config: Config,
  addresses: Addresses,
  { registry, activity, hub, nodes, clock, claims, secretUsers, limits }: SharedParts,
  { publish, readChannels, readHistory, terminateUser }: ProtocolStack,
  { admin, people, onBug, tracing, log }: HttpHandlerParts,
): HttpHandlers {
  const { idempotencyBytesPerAppMax: perApp, idempotencyBytesMax: inAll } = config;
  const idempotency = new Idempotency(clock, { perApp, inAll }, bytesOfAnswer);
  limits.addBudget("idempotencyBytes", idempotency.budget);
  const pusherApi = createPusherApi(
    {
      authenticate: createAuthenticate(registry, secretUsers, clock),
      refusedRequests: new RefusedRequests(registry, activity, clock),
      guards: createRequestGuards(registry, clock, idempotency, claims),
      publishEvents: createPublishEvents(publish, readChannels, activity),
      readState: createReadState(readChannels, readHistory),
      terminateUser,
      connectionCount: createConnectionCount(hub, nodes),
    },
    activity,
    { pathPrefix: config.pathPrefix, httpBodyBytesMax: config.httpBodyBytesMax, onBug },
  );
  const main = emptyApp(config.pathPrefix, onBug);
  const hasCors = config.corsOrigins.length > 0;
  if (hasCors) {
    main.use("/apps/*", cors({ origin: [...config.corsOrigins] }));
    main.use(async (context, next) => (await pusherApi(context.req.raw, context.env)) ?? next());
  }
  main.all("/app/*", () => upgradeRequired("This path accepts only WebSocket requests."));

  const dashboard = config.dashboardPort === null ? null : emptyApp(config.pathPrefix, onBug);
  const managed = dashboard ?? main;
  if (people !== null) {
    managed.route("/api/auth", people.callback);
    managed.route("/api/v1", people.routes(admin));
  }
  managed.route("/api/v1", admin.routes);
  managed.all("/api/v1/*", noEndpoint);
  if (config.dashboardEnabled) {
    const socketSource = (pageUrl: string) => addresses.socketSource(pageUrl);
    managed.route("/dashboard", createDashboardFiles(config.pathPrefix, socketSource));
    dashboard?.get("/", ({ redirect }) => redirect(`${config.pathPrefix}/dashboard/`));
  }
  const identified = (handler: HttpHandler) => withRequestIds(handler, log, config.pathPrefix);
  // Backend requests bypass Hono, because they are the most frequent ones and need none of its features.
  const straight = (others: HttpHandler): HttpHandler => ({
    fetch: (request, origin) => pusherApi(request, origin) ?? others.fetch(request, origin),
  });
  // They need no request id either, unless each request is logged.
  const isEachLogged = log.isLevelEnabled("debug");
  if (tracing !== null || isEachLogged) nameRequests(activity);
  const all = hasCors ? main : straight(main);
  const clients = hasCors || isEachLogged ? identified(all) : straight(identified(main));
  const traced = (handler: HttpHandler) => tracedHandler(handler, tracing, config.pathPrefix);
  return { main: traced(clients), dashboard: dashboard && traced(identified(dashboard)) };
}

/** The answer for an unknown path. */
export function notFound(request: Request): Response {
  const { path } = targetOf(request.url);
  return errorResponse(new HttpError(404, `Not found: there is no ${path.slice(0, 200)}`));
}

function emptyApp(pathPrefix: string, onBug: (error: unknown) => void) {
  // Hono's default getPath would decode the path.
  const getPath = (request: Request) => targetOf(request.url).path;
  const web = new Hono<{ Bindings: RequestOrigin }>({ getPath }).basePath(
    pathPrefix === "" ? "/" : pathPrefix,
  );
  web.notFound((context) => notFound(context.req.raw));
  web.onError((error) => {
    onBug(error);
    return errorResponse(new HttpError(500, "Internal server error"));
  });
  return web;
}
