/** The routes of the admin API. One check enforces the permission of every endpoint. */
import { type Context, Hono } from "hono";
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { Refusal } from "../core/refusal.ts";
import { appNotFound } from "../management/change-app.ts";
import { noteRoute } from "../net/request-context.ts";
import { refuseNulInUrl } from "../net/storable-json.ts";
import { allowedMethods } from "./allowed-methods.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Endpoint } from "./endpoint.ts";
import { type EndpointName, endpoints } from "./endpoints.ts";
import type { Call, Handlers } from "./handlers.ts";
import { jsonResponse, readJson } from "./json-body.ts";
import { openApiDocument } from "./openapi.ts";
import { peopleEndpoints } from "./people/people-endpoints.ts";
import { fullGrant, Principal } from "./principal.ts";
import { type FailureWatch, failureResponse, problemResponse } from "./problem.ts";

/** Facts about a request that are not part of it. */
export interface RequestOrigin {
  /** Null if the request did not arrive through a socket. */
  readonly address?: string | null;
  /** True for commands of the machine's owner, which need no token. */
  readonly isMachineOwner?: boolean;
}

export type AdminRoutes = Hono<{ Bindings: RequestOrigin }>;

type ApiContext = Context<{ Bindings: RequestOrigin }>;

type AnyHandler = (call: Call<EndpointName>) => unknown;

const machineOwner = new Principal({ kind: "cli", id: null, name: "cli" }, [fullGrant]);

export interface AdminRoutesOptions extends FailureWatch {
  readonly version: string;
  readonly bodyBytesMax: number;
  readonly accessChanged: () => void;
}

/** Mount it at `/api/v1`; `fetch` and `request` take a `RequestOrigin` as their environment. */
export function createAdminRoutes(
  handlers: Handlers,
  authenticate: Authenticate,
  registry: AppRegistry,
  options: AdminRoutesOptions,
): AdminRoutes {
  const api: AdminRoutes = new Hono<{ Bindings: RequestOrigin }>();
  api.onError((error) => failureResponse(error, options));
  api.notFound(notFound);
  // Generated for the first request, because it takes a tenth of the server's start.
  let document: ReturnType<typeof openApiDocument> | null = null;
  api.get("/openapi.json", (context) => {
    document ??= openApiDocument({ ...endpoints, ...peopleEndpoints }, options.version);
    return context.json(document);
  });

  async function answer(context: ApiContext, endpoint: Endpoint, handle: AnyHandler): Promise<Response> {
    const request = context.req.raw;
    noteRoute(`/api/v1${endpoint.path}`, context.req.param("appId") ?? null);
    refuseNulInUrl(request.url);
    const isOwner = context.env?.isMachineOwner === true;
    const recheck = async () => (isOwner ? machineOwner : authenticate(request));
    const principal = await recheck();
    const params = context.req.param();
    const appId = params.appId ?? null;
    if (endpoint.permission !== null) principal.requirePermission(endpoint.permission, appId);
    const call = {
      principal,
      actor: { ...principal.identity, address: context.env?.address ?? null },
      params,
      app: appId === null ? null : knownApp(registry, appId),
      query: endpoint.query?.parse(context.req.query()),
      body: endpoint.body?.parse(await readJson(request, options.bodyBytesMax)),
      request,
      recheck,
    } as Call<EndpointName>;
    const value = await handle(call);
    // A deletion may remove permissions, such as those of a token, or a watched app.
    if (endpoint.method === "delete") options.accessChanged();
    return value instanceof Response ? value : jsonResponse(value, endpoint.status ?? 200);
  }

  for (const name of Object.keys(endpoints) as EndpointName[]) {
    const endpoint: Endpoint = endpoints[name];
    const handle = handlers[name] as AnyHandler;
    const path = endpoint.path.replace(/\{(\w+)\}/g, ":$1");
    api.on(endpoint.method.toUpperCase(), path, (context) => answer(context, endpoint, handle));
  }
  return api;
}

/** The answer for unknown paths of the API, and for methods that a path does not have. */
export function notFound({ req }: Context): Response {
  const methods = allowedMethods(req.path);
  if (methods.length > 0 && !methods.includes(req.method)) return methodNotAllowed(req.method, methods);
  const refusal = new Refusal("not_found", `There is no ${req.method} ${req.path.slice(0, 200)}`);
  return problemResponse(refusal, () => undefined);
}

function methodNotAllowed(method: string, methods: readonly string[]): Response {
  const allowed = methods.join(", ");
  const refusal = new Refusal("method_not_allowed", `${method} is not allowed here: use ${allowed}`);
  const response = problemResponse(refusal, () => undefined);
  response.headers.set("allow", allowed);
  return response;
}

function knownApp(registry: AppRegistry, appId: string): App {
  const app = registry.byId(appId);
  if (app === null) throw appNotFound(appId);
  return app;
}
