/** The routes of people. One check enforces the access of every endpoint. */
import { type Context, Hono } from "hono";
import { Refusal } from "../../core/refusal.ts";
import { noteRoute } from "../../net/request-context.ts";
import { refuseNulInUrl } from "../../net/storable-json.ts";
import type { Authenticate } from "../authenticate.ts";
import { anonymousBodyBytesMax, jsonResponse, readJson } from "../json-body.ts";
import { type FailureWatch, failureResponse } from "../problem.ts";
import type { RequestOrigin } from "../routes.ts";
import { type PeopleEndpoint, peopleEndpoints } from "./people-endpoints.ts";
import type { Manager, PeopleCall, PeopleEndpointName, PeopleHandlers } from "./people-handlers.ts";
import type { LoggedIn, SessionReader } from "./session.ts";

export type PeopleRoutes = Hono<{ Bindings: RequestOrigin }>;

type AnyHandler = (call: PeopleCall) => Promise<unknown>;

export interface OpenPeople {
  readonly handlers: PeopleHandlers;
  readonly sessions: SessionReader;
}

export interface PeopleAccess {
  readonly authenticate: Authenticate;
  /** Called after a change that may have removed permissions, such as the end of a session. */
  readonly accessChanged: () => void;
}

/**
 * Mount it at `/api/v1`, before the routes that answer all other paths there.
 * @param open throws a Refusal while the people endpoints are not available yet
 */
export function createPeopleRoutes(
  open: () => OpenPeople,
  { authenticate, accessChanged }: PeopleAccess,
  options: FailureWatch & { readonly bodyBytesMax: number },
): PeopleRoutes {
  const routes: PeopleRoutes = new Hono<{ Bindings: RequestOrigin }>();
  routes.onError(async (error) => withRetryAfter(error, await failureResponse(error, options)));

  const callerOf = createCallerOf(authenticate);

  async function answer(
    context: Context<{ Bindings: RequestOrigin }>,
    endpoint: PeopleEndpoint,
    name: PeopleEndpointName,
  ): Promise<Response> {
    const request = context.req.raw;
    noteRoute(`/api/v1${endpoint.path}`, null);
    refuseNulInUrl(request.url);
    const { handlers, sessions } = open();
    const handle = handlers[name] as unknown as AnyHandler;
    const caller = await callerOf(endpoint.access, request, sessions);
    const bodyBytesMax = caller === null ? anonymousBodyBytesMax : options.bodyBytesMax;
    const address = context.env?.address ?? null;
    const answerHeaders = new Headers();
    const call = {
      caller,
      query: endpoint.query?.parse(context.req.query()),
      body: endpoint.body?.parse(await readJson(request, bodyBytesMax)),
      params: context.req.param(),
      request,
      address,
      answerHeaders,
    } as PeopleCall;
    const value = await handle(call);
    if (endpoint.method !== "get" && endpoint.access !== "anyone") accessChanged();
    return jsonResponse(value, endpoint.status ?? 200, answerHeaders);
  }

  for (const name of Object.keys(peopleEndpoints) as PeopleEndpointName[]) {
    const endpoint: PeopleEndpoint = peopleEndpoints[name];
    const path = endpoint.path.replace(/\{(\w+)\}/g, ":$1");
    routes.on(endpoint.method.toUpperCase(), path, (context) => answer(context, endpoint, name));
  }
  return routes;
}

/** Authenticates the caller as the endpoint's access requires. @throws Refusal if the caller has no access */
function createCallerOf(authenticate: Authenticate) {
  async function callerOf(
    access: PeopleEndpoint["access"],
    request: Request,
    sessions: SessionReader,
  ): Promise<LoggedIn | Manager | null> {
    switch (access) {
      case "anyone":
        sessions.requireSameOrigin(request);
        return null;
      case "session": {
        const loggedIn = await sessions.read(request);
        if (loggedIn !== null) return loggedIn;
        throw new Refusal("unauthenticated", "Nobody is logged in");
      }
      case "people.manage":
        return managerOf(request, sessions);
      default:
        throw access satisfies never;
    }
  }

  async function managerOf(request: Request, sessions: SessionReader): Promise<Manager> {
    const principal = await authenticate(request);
    principal.requirePermission("people.manage", null);
    const loggedIn = principal.identity.kind === "person" ? await sessions.read(request) : null;
    // Admins can create tokens, so a token must not have more permissions than an admin.
    return {
      identity: principal.identity,
      ownerId: principal.ownerId,
      name: principal.identity.name,
      role: loggedIn?.account.role ?? "admin",
    };
  }

  return callerOf;
}

/** Adds the `Retry-After` header if the error has the time to wait. */
export function withRetryAfter(error: unknown, response: Response): Response {
  const seconds = error instanceof Refusal ? error.facts.retryAfterS : undefined;
  if (typeof seconds === "number") response.headers.set("retry-after", String(seconds));
  return response;
}
