/** People put together: accounts, sessions, invitations, and the way of a request to who is signed in. */
import type { Hono } from "hono";
import { noted, serverActor } from "../core/actor.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Invitations } from "../people/invitations.ts";
import { LoginThrottle } from "../people/login-throttle.ts";
import { People } from "../people/people.ts";
import { createPeopleAuth, type OidcOptions, type PeopleAuthOptions } from "../people/people-auth.ts";
import { createSpendCode } from "../people/spend-code.ts";
import { createAccountHandlers } from "./account.ts";
import type { Authenticate, AuthenticateSession } from "./authenticate.ts";
import { createJoinHandlers } from "./join.ts";
import { createOidcCallback } from "./oidc-callback.ts";
import { createPeopleRoutes, type PeopleRoutes } from "./people-routes.ts";
import { Principal } from "./principal.ts";
import { databaseAway, type FailureWatch } from "./problem.ts";
import { grantsOfRole } from "./roles.ts";
import type { RequestOrigin } from "./routes.ts";
import { createDashboardUrlFor, createSessionReader } from "./session.ts";
import { createSignInHandlers } from "./sign-in.ts";
import { createTeamHandlers } from "./team.ts";

export interface PeopleApiOptions extends Omit<PeopleAuthOptions, "oidc" | "secret">, FailureWatch {
  /** Of a request whose sender is known; anybody else's is `anonymousBodyBytesMax`. */
  readonly bodyBytesMax: number;
  readonly oidc: (OidcOptions & { readonly name: string }) | null;
}

/** Whoever was given a password by the operator. */
export interface ConfiguredOwner {
  readonly email: string;
  readonly password: string;
}

/** Refuses everybody with `database_unreachable` until `open()`. */
export interface PeopleApi {
  readonly authenticateSession: AuthenticateSession;
  /** To be mounted at `/api/v1`, before the other routes there. */
  routes(authenticate: Authenticate): PeopleRoutes;
  /** To be mounted at `/api/auth`. */
  readonly callback: Hono<{ Bindings: RequestOrigin }>;
  /** To be called once the database was reached, which keeps this secret: see `PeopleAuthOptions`. */
  open(secret: string): void;
  /**
   * Makes sure that somebody can own the server: the given account where there is nobody yet, or else a link that
   * makes one. Answers what follows `/dashboard/setup#` in the link, and null where there is somebody.
   */
  setUp(owner: ConfiguredOwner | null): Promise<string | null>;
}

export function createPeopleApi(audit: AuditLog, clock: Clock, options: PeopleApiOptions): PeopleApi {
  let opened: ReturnType<typeof openPeople> | null = null;
  function open() {
    if (opened === null) throw databaseAway();
    return opened;
  }

  return {
    open(secret) {
      opened ??= openPeople(audit, clock, { ...options, secret });
    },

    async authenticateSession(request) {
      if (!request.headers.has("cookie")) return null;
      const signedIn = await open().sessions.read(request);
      if (signedIn === null) return null;
      return new Principal(
        { kind: "person", id: signedIn.person.id, name: signedIn.person.email },
        grantsOfRole(signedIn.person),
      );
    },
    routes: (authenticate) => createPeopleRoutes(open, authenticate, options),
    callback: createOidcCallback(open, audit, options),

    async setUp(owner) {
      const { people, invitations } = open();
      if ((await people.count()) > 0) return null;
      const ownerRole = { role: "owner", appIds: null } as const;
      if (owner !== null) {
        const email = owner.email.toLowerCase();
        await people.add({ ...owner, email, name: email, ...ownerRole });
        const target = `person ${email}`;
        const what = { action: "person.join", target, appId: null, before: null, after: ownerRole };
        await audit.append({ ...noted(serverActor("environment")), ...what });
        return null;
      }
      const { token } = await invitations.make({ email: null, invitedBy: "first start", ...ownerRole });
      return token;
    },
  };
}

function openPeople(audit: AuditLog, clock: Clock, options: PeopleApiOptions & { readonly secret: string }) {
  const { secret, place, oidc } = options;
  const auth = createPeopleAuth(options);
  const dashboardUrlFor = createDashboardUrlFor(place);
  const people = new People(auth);
  const invitations = new Invitations(auth, clock);
  const throttle = new LoginThrottle(clock);
  const sessions = createSessionReader(auth, secret, place.url === null ? null : new URL(place.url).origin);
  const spendCode = createSpendCode(auth, clock);
  const parts = { auth, people, invitations, sessions, throttle, spendCode, audit };
  const handlers = {
    ...createSignInHandlers(parts, { dashboardUrlFor, oidcName: oidc?.name ?? null }),
    ...createJoinHandlers(parts),
    ...createAccountHandlers(parts),
    ...createTeamHandlers(parts, dashboardUrlFor),
  };
  return { auth, people, invitations, sessions, handlers };
}
