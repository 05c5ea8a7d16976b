/** The routes of people: each endpoint of their table, behind the gate that its access names. */
import { type Context, Hono } from "hono";
import { Refusal } from "../../core/refusal.ts";
import { refuseNulInUrl } from "../../net/storable-json.ts";
import type { Authenticate } from "../authenticate.ts";
import { anonymousBodyBytesMax, jsonResponse, readJson } from "../json-body.ts";
import { type FailureWatch, failureResponse } from "../problem.ts";
import type { RequestOrigin } from "../routes.ts";
import { type PeopleEndpoint, peopleEndpoints } from "./people-endpoints.ts";
import type { Manager, PeopleAsk, PeopleEndpointName, PeopleHandlers } from "./people-handlers.ts";
import type { LoggedIn, SessionReader } from "./session.ts";

export type PeopleRoutes = Hono<{ Bindings: RequestOrigin }>;

type AnyHandler = (ask: PeopleAsk) => Promise<unknown>;

export interface OpenPeople {
  readonly handlers: PeopleHandlers;
  readonly sessions: SessionReader;
}

export interface PeopleGate {
  readonly authenticate: Authenticate;
  /** Called after what may have taken a right away, such as a login session that was ended. */
  readonly accessChanged: () => void;
}

/**
 * To be mounted at `/api/v1`, before the routes that answer every other path there.
 * @param open throws the Refusal that is answered while nobody can be asked about people
 */
export function createPeopleRoutes(
  open: () => OpenPeople,
  { authenticate, accessChanged }: PeopleGate,
  options: FailureWatch & { readonly bodyBytesMax: number },
): PeopleRoutes {
  const routes: PeopleRoutes = new Hono<{ Bindings: RequestOrigin }>();
  routes.onError(async (error) => withRetryAfter(error, await failureResponse(error, options)));

  const askerOf = createAskerOf(authenticate);

  async function answer(
    context: Context<{ Bindings: RequestOrigin }>,
    endpoint: PeopleEndpoint,
    name: PeopleEndpointName,
  ): Promise<Response> {
    const request = context.req.raw;
    refuseNulInUrl(request.url);
    const { handlers, sessions } = open();
    const handle = handlers[name] as unknown as AnyHandler;
    const asker = await askerOf(endpoint.access, request, sessions);
    const bodyBytesMax = asker === null ? anonymousBodyBytesMax : options.bodyBytesMax;
    const address = context.env?.address ?? null;
    const answerHeaders = new Headers();
    const ask = {
      asker,
      query: endpoint.query?.parse(context.req.query()),
      body: endpoint.body?.parse(await readJson(request, bodyBytesMax)),
      params: context.req.param(),
      request,
      address,
      answerHeaders,
    } as PeopleAsk;
    const value = await handle(ask);
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

/** Tells who asks, as far as the endpoint's access needs it. @throws Refusal where that is nobody, or somebody who may not */
function createAskerOf(authenticate: Authenticate) {
  async function askerOf(
    access: PeopleEndpoint["access"],
    request: Request,
    sessions: SessionReader,
  ): Promise<LoggedIn | Manager | null> {
    switch (access) {
      case "anyone":
        sessions.mustBeSameOrigin(request);
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
    // A token can be made by an admin, so it must not do more than one.
    return {
      identity: principal.identity,
      ownerId: principal.ownerId,
      name: principal.identity.name,
      role: loggedIn?.account.role ?? "admin",
    };
  }

  return askerOf;
}

/** Says it in the header, too. */
export function withRetryAfter(error: unknown, response: Response): Response {
  const seconds = error instanceof Refusal ? error.facts.retryAfterS : undefined;
  if (typeof seconds === "number") response.headers.set("retry-after", String(seconds));
  return response;
}
