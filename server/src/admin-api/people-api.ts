/** People put together: accounts, login sessions, invitations, and the way from a request to who is logged in. */
import type { Hono } from "hono";
import { noted, serverActor } from "../core/actor.ts";
import type { AccountStore } from "../core/ports/account-store.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { SecondFactorStore } from "../core/ports/second-factor-store.ts";
import type { SessionStore } from "../core/ports/session-store.ts";
import type { InOnePeopleTransaction } from "../core/ports/transactions.ts";
import { Invitations } from "../people/invitations.ts";
import { LoginSessions } from "../people/login-sessions.ts";
import { LoginThrottle } from "../people/login-throttle.ts";
import { Logins } from "../people/logins.ts";
import { OidcLogin, type OidcOptions } from "../people/oidc-login.ts";
import { type Hashing, Passwords } from "../people/passwords.ts";
import { People } from "../people/people.ts";
import { Seal } from "../people/seal.ts";
import { SecondFactors } from "../people/second-factors.ts";
import { createAccountHandlers } from "./account.ts";
import { createAdmit } from "./admit.ts";
import type { AuthenticateSession } from "./authenticate.ts";
import { createCredentialHandlers } from "./credentials.ts";
import { createInvitationHandlers } from "./invitations.ts";
import { createJoinHandlers } from "./join.ts";
import { createLoginHandlers } from "./login.ts";
import { LoginCookies } from "./login-cookies.ts";
import { createOidcCallback, oidcCallbackPath } from "./oidc-callback.ts";
import { personIdentity } from "./people-handlers.ts";
import { createPeopleRoutes, type PeopleGate, type PeopleRoutes } from "./people-routes.ts";
import { Principal } from "./principal.ts";
import { databaseAway, type FailureWatch } from "./problem.ts";
import { createNoteRefusedLogin, type OnRefusedLogin } from "./refused-login.ts";
import { grantsOfRole } from "./roles.ts";
import type { RequestOrigin } from "./routes.ts";
import { createSessionReader } from "./session.ts";
import { type ChangeTeam, createTeamHandlers } from "./team.ts";

/** Where browsers reach the server. */
export interface PublicPlace {
  /** Null: by whatever host they ask for. */
  readonly url: string | null;
  /** What comes before every path, such as `/realtime`; empty for none. */
  readonly pathPrefix: string;
  /** The cookies are for TLS alone. */
  readonly isSecure: boolean;
  /** What links to the dashboard begin with; where `url` is null, that is on the server's own machine. */
  readonly dashboardUrl: () => string;
}

export interface PeopleStores {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly secondFactors: SecondFactorStore;
  readonly audit: AuditLog;
  readonly inOneTransaction: InOnePeopleTransaction;
}

export interface PeopleApiOptions extends FailureWatch {
  /** Of a request whose sender is known; anybody else's is `anonymousBodyBytesMax`. */
  readonly bodyBytesMax: number;
  readonly place: PublicPlace;
  /** Needs the URL of the place. */
  readonly oidc: (OidcOptions & { readonly name: string }) | null;
  /** What a password's hash costs. */
  readonly hashing: Hashing;
  readonly onRefusedLogin: OnRefusedLogin;
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
  routes(gate: PeopleGate): PeopleRoutes;
  /** To be mounted at `/api/auth`. */
  readonly callback: Hono<{ Bindings: RequestOrigin }>;
  /**
   * To be called once the database was reached.
   * @param secret 32 random bytes as text, which the database keeps: they seal second factors, so they stay the same
   */
  open(secret: string): void;
  /**
   * Makes sure that somebody can own the server: the given account where there is nobody yet, or else a link that
   * makes one. Answers what follows `/dashboard/setup#` in the link, and null where there is somebody.
   * @throws Refusal `password_too_weak` where the given account cannot be made
   */
  setUp(owner: ConfiguredOwner | null): Promise<string | null>;
}

export function createPeopleApi(stores: PeopleStores, clock: Clock, options: PeopleApiOptions): PeopleApi {
  let opened: ReturnType<typeof openPeople> | null = null;
  function open() {
    if (opened === null) throw databaseAway();
    return opened;
  }

  return {
    open(secret) {
      opened ??= openPeople(stores, clock, { ...options, secret });
    },

    async authenticateSession(request) {
      if (!request.headers.has("cookie")) return null;
      const loggedIn = await open().sessions.read(request);
      if (loggedIn === null) return null;
      return new Principal(personIdentity(loggedIn.account), grantsOfRole(loggedIn.account));
    },
    routes: (authenticate) => createPeopleRoutes(open, authenticate, options),
    callback: createOidcCallback(open, options),

    async setUp(owner) {
      const { people, invitations } = open();
      if ((await people.count()) > 0) return null;
      const role = { role: "owner", appIds: null } as const;
      if (owner === null)
        return (await invitations.make({ email: null, invitedBy: "first start", ownerId: null, ...role }))
          .token;
      const email = owner.email.toLowerCase();
      // Of two nodes that start at once, one makes it.
      if (await people.addOwner({ email, name: email, password: owner.password }))
        await stores.audit.append({
          ...noted(serverActor("environment")),
          ...{ action: "person.join", target: `person ${email}`, appId: null, before: null, after: role },
        });
      return null;
    },
  };
}

function openPeople(
  stores: PeopleStores,
  clock: Clock,
  options: PeopleApiOptions & { readonly secret: string },
) {
  const { secret, place, onRefusedLogin } = options;
  const { accounts, audit } = stores;
  const seal = new Seal(secret);
  const passwords = new Passwords(options.hashing);
  const loginSessions = new LoginSessions(stores.sessions, clock);
  const secondFactors = new SecondFactors(stores.secondFactors, seal, clock);
  const people = new People(accounts, passwords, clock);
  const invitations = new Invitations(accounts, clock);
  const changeTeam: ChangeTeam = (change) =>
    stores.inOneTransaction((within) =>
      change({
        people: new People(within.accounts, passwords, clock),
        invitations: new Invitations(within.accounts, clock),
        audit: within.audit,
      }),
    );
  const logins = new Logins(accounts, passwords, loginSessions, secondFactors);
  const throttle = new LoginThrottle(clock);
  const cookies = new LoginCookies(place.isSecure);
  const publicOrigin = place.url === null ? null : new URL(place.url).origin;
  const sessions = createSessionReader(loginSessions, cookies, { secret, publicOrigin });
  const oidc = openOidc(options, seal, clock, publicOrigin);
  const parts = {
    ...{ people, invitations, logins, loginSessions, secondFactors, sessions, cookies, throttle, audit },
    admit: createAdmit(loginSessions, cookies, audit),
    noteRefused: createNoteRefusedLogin(onRefusedLogin),
    onRefusedLogin,
  };
  const handlers = {
    ...createLoginHandlers(parts, oidc),
    ...createJoinHandlers(parts),
    ...createAccountHandlers(people, loginSessions, audit),
    ...createCredentialHandlers(parts),
    ...createTeamHandlers(parts, changeTeam),
    ...createInvitationHandlers(people, changeTeam, {
      dashboardUrl: place.dashboardUrl,
      isUrlKnown: publicOrigin !== null,
    }),
  };
  return { ...parts, oidc, handlers };
}

function openOidc({ oidc, place }: PeopleApiOptions, seal: Seal, clock: Clock, publicOrigin: string | null) {
  if (oidc === null || publicOrigin === null) return null;
  const redirectUri = `${publicOrigin}${place.pathPrefix}${oidcCallbackPath}`;
  return {
    login: new OidcLogin(oidc, redirectUri, seal, clock),
    name: oidc.name,
    dashboardUrl: place.dashboardUrl(),
    onRefused: oidc.onRefused,
  };
}
