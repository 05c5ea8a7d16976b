/** Everything that is answered over plain HTTP, put together. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { AdminApi } from "./admin-api/admin-api.ts";
import { createDashboardFiles } from "./admin-api/dashboard-files.ts";
import type { PeopleApi } from "./admin-api/people-api.ts";
import { notFound, type RequestOrigin } from "./admin-api/routes.ts";
import type { Config } from "./config/config.ts";
import { Idempotency } from "./core/idempotency.ts";
import type { Nouns, ProtocolStack } from "./protocol-stack.ts";
import { createAuthenticate } from "./pusher-api/authenticate.ts";
import { createPublishEvents } from "./pusher-api/publish-events.ts";
import { createReadState } from "./pusher-api/read-state.ts";
import { createRequestGuards } from "./pusher-api/request-guards.ts";
import { createPusherApi } from "./pusher-api/routes.ts";

const idempotencyKeysMax = 100_000;

export type Web = Hono<{ Bindings: RequestOrigin }>;

interface WebParts {
  readonly operations: Hono;
  readonly admin: AdminApi;
  /** Null where the dashboard is off: then nobody signs in. */
  readonly people: PeopleApi | null;
  readonly onBug: (error: unknown) => void;
}

export function createWeb(
  config: Config,
  { registry, activity, hub, clock }: Nouns,
  { publish, readChannels, terminateUser }: ProtocolStack,
  { operations, admin, people, onBug }: WebParts,
): Web {
  const pusherApi = createPusherApi(
    {
      authenticate: createAuthenticate(registry, clock),
      guards: createRequestGuards(clock, new Idempotency(clock, idempotencyKeysMax)),
      publishEvents: createPublishEvents(publish, readChannels),
      readState: createReadState(readChannels),
      terminateUser,
      hub,
    },
    activity,
    { pathPrefix: config.pathPrefix, httpBodyBytesMax: config.httpBodyBytesMax, onBug },
  );
  const web: Web = new Hono<{ Bindings: RequestOrigin }>().basePath(
    config.pathPrefix === "" ? "/" : config.pathPrefix,
  );
  if (config.corsOrigins.length > 0) web.use("/apps/*", cors({ origin: [...config.corsOrigins] }));
  web.route("/", pusherApi);
  if (people !== null) {
    web.route("/api/auth", people.callback);
    web.route("/api/v1", people.routes(admin.authenticate));
  }
  web.route("/api/v1", admin.routes);
  web.all("/api/v1/*", notFound);
  if (config.metricsPort === null) web.route("/", operations);
  if (config.dashboardEnabled) web.route("/dashboard", createDashboardFiles(config.pathPrefix));
  web.notFound((context) => context.text(`Not found: there is no ${context.req.path.slice(0, 200)}\n`, 404));
  web.onError((error, context) => {
    onBug(error);
    return context.text("Internal server error\n", 500);
  });
  return web;
}
