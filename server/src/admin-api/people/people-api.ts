/** Assembles the API of people: accounts, login sessions, invitations, and the authentication of requests. */
import type { Hono } from "hono";
import { auditActor, serverActor } from "../../core/actor.ts";
import type { AccountStore } from "../../core/ports/account-store.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { SecondFactorStore } from "../../core/ports/second-factor-store.ts";
import type { SessionStore } from "../../core/ports/session-store.ts";
import type { InOnePeopleTransaction } from "../../core/ports/transactions.ts";
import { createAttempt, type OnRefusedLogin } from "../../people/attempt.ts";
import { inviteFirstOwner } from "../../people/invite-first-owner.ts";
import { KnownDevices } from "../../people/known-devices.ts";
import { LoginThrottle, type SharedRates } from "../../people/login-throttle.ts";
import { OidcLogin, type OidcOptions } from "../../people/oidc-login.ts";
import { type Hashing, Passwords } from "../../people/passwords.ts";
import { createChangePeople, peopleOver } from "../../people/people-parts.ts";
import { Seal } from "../../people/seal.ts";
import type { AuthenticateSession } from "../authenticate.ts";
import { Principal } from "../principal.ts";
import { databaseUnreachable, type FailureWatch } from "../problem.ts";
import { grantsOfRole } from "../roles.ts";
import type { RequestOrigin } from "../routes.ts";
import { createAccountHandlers } from "./account.ts";
import { createAdmit } from "./admit.ts";
import { createCredentialHandlers } from "./credentials.ts";
import { createInvitationHandlers } from "./invitations.ts";
import { createJoinHandlers } from "./join.ts";
import { createLoginHandlers } from "./login.ts";
import { LoginCookies } from "./login-cookies.ts";
import { createOidcCallback, oidcCallbackPath } from "./oidc-callback.ts";
import { personIdentity } from "./people-handlers.ts";
import { createPeopleRoutes, type PeopleAccess, type PeopleRoutes } from "./people-routes.ts";
import { createSessionReader } from "./session.ts";
import { createTeamHandlers } from "./team.ts";

/** The address under which browsers reach the server. */
export interface PublicAddress {
  /** Null: any host. */
  readonly url: string | null;
  /** The prefix of every path, such as `/realtime`; may be empty. */
  readonly pathPrefix: string;
  /** Whether browsers use only TLS, so that cookies require it. */
  readonly isSecure: boolean;
  /** The beginning of links to the dashboard. If `url` is null, it is an address of the server's own machine. */
  readonly dashboardUrl: () => string;
}

export interface PeopleStores {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly secondFactors: SecondFactorStore;
  readonly inOneTransaction: InOnePeopleTransaction;
}

export interface PeopleApiOptions extends FailureWatch {
  readonly isApp: (appId: string) => boolean;
  /** The body limit of authenticated requests. For other requests it is `anonymousBodyBytesMax`. */
  readonly bodyBytesMax: number;
  readonly publicAddress: PublicAddress;
  /** Requires the public URL. */
  readonly oidc: (OidcOptions & { readonly name: string }) | null;
  /** The cost of a password's hash. */
  readonly hashing: Hashing;
  readonly onRefusedLogin: OnRefusedLogin;
  /** Counts attempts of all nodes; null on a single node. */
  readonly sharedRates: SharedRates | null;
}

/** The owner account that the operator configured. */
export interface ConfiguredOwner {
  readonly email: string;
  readonly password: string;
}

/** Refuses everybody with `database_unreachable` until `open()`. */
export interface PeopleApi {
  readonly authenticateSession: AuthenticateSession;
  /** Mount it at `/api/v1`, before the other routes there. */
  routes(access: PeopleAccess): PeopleRoutes;
  /** Mount it at `/api/auth`. */
  readonly callback: Hono<{ Bindings: RequestOrigin }>;
  /**
   * Call it once the database is reachable.
   * @param secret 32 random bytes as text. It seals second factors, so it must be the same after a restart
   */
  open(secret: string): void;
  /**
   * Ensures that the server can get an owner. If there is no account, adds the given one, or else creates a setup link.
   * Returns the part of that link after `/dashboard/setup#`; null: there is an account.
   * @throws Refusal `password_too_weak` if the given account cannot be created
   */
  setUp(owner: ConfiguredOwner | null): Promise<string | null>;
}

export function createPeopleApi(stores: PeopleStores, clock: Clock, options: PeopleApiOptions): PeopleApi {
  let opened: ReturnType<typeof openPeople> | null = null;
  function open() {
    if (opened === null) throw databaseUnreachable();
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
      const { people, changePeople } = open();
      if ((await people.count()) > 0) return null;
      if (owner === null) {
        const { token } = await changePeople(({ invitations, audit }) =>
          inviteFirstOwner(invitations, audit, serverActor("first start")),
        );
        return token;
      }
      const email = owner.email.toLowerCase();
      const account = await people.newOwner({ email, name: email, password: owner.password });
      const { role, appIds } = account;
      await changePeople(async (within) => {
        // If two nodes start at the same time, one of them adds it.
        if (!(await within.people.addFirst(account))) return;
        await within.audit.append({
          ...auditActor(serverActor("environment")),
          action: "person.join",
          target: `person ${email}`,
          appId: null,
          before: null,
          after: { role, appIds },
        });
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
  const { secret, publicAddress, onRefusedLogin } = options;
  const seal = new Seal(secret);
  const tools = { passwords: new Passwords(options.hashing, clock), seal, clock };
  const people = peopleOver(stores, tools);
  const changePeople = createChangePeople(stores.inOneTransaction, tools);
  const throttle = new LoginThrottle(clock, secret, options.sharedRates);
  const devices = new KnownDevices(secret);
  const cookies = new LoginCookies(publicAddress.isSecure);
  const publicOrigin = publicAddress.url === null ? null : new URL(publicAddress.url).origin;
  const sessions = createSessionReader(people.loginSessions, cookies, { secret, publicOrigin });
  const oidc = openOidc(options, seal, clock, publicOrigin);
  const parts = {
    ...people,
    changePeople,
    sessions,
    cookies,
    devices,
    throttle,
    onRefusedLogin,
    attempt: createAttempt(throttle, onRefusedLogin),
    admit: createAdmit(changePeople, cookies, devices),
  };
  const handlers = {
    ...createLoginHandlers(parts, oidc),
    ...createJoinHandlers(parts),
    ...createAccountHandlers(people.loginSessions, changePeople),
    ...createCredentialHandlers(parts),
    ...createTeamHandlers(people, changePeople, options.isApp),
    ...createInvitationHandlers(people.people, changePeople, {
      isApp: options.isApp,
      dashboardUrl: publicAddress.dashboardUrl,
      isUrlKnown: publicOrigin !== null,
    }),
  };
  return { ...parts, oidc, handlers };
}

function openOidc(
  { oidc, publicAddress }: PeopleApiOptions,
  seal: Seal,
  clock: Clock,
  publicOrigin: string | null,
) {
  if (oidc === null || publicOrigin === null) return null;
  const redirectUri = `${publicOrigin}${publicAddress.pathPrefix}${oidcCallbackPath}`;
  return {
    login: new OidcLogin(oidc, redirectUri, seal, clock),
    name: oidc.name,
    dashboardUrl: publicAddress.dashboardUrl(),
    onRefused: oidc.onRefused,
  };
}
