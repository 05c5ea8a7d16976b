/** Creates the people part of the dashboard: addresses, the server's sealing secret, and OpenID Connect login. */
import type { Logger } from "pino";
import { isoTime } from "../admin-api/handlers.ts";
import type { PeopleApi, PeopleApiOptions } from "../admin-api/people/people-api.ts";
import type { FailureWatch } from "../admin-api/problem.ts";
import type { Config } from "../config/config.ts";
import { auditActor } from "../core/actor.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import type { OidcRefused } from "../people/oidc-login.ts";
import type { RefusedLogins } from "../people/refused-logins.ts";
import { createInOnePeopleTransaction } from "../storage/in-one-transaction.ts";
import { serverSecret } from "../storage/keys/server-secret.ts";
import { KyselyAccountStore } from "../storage/people/kysely-account-store.ts";
import { KyselySecondFactorStore } from "../storage/people/kysely-second-factor-store.ts";
import { KyselySessionStore } from "../storage/people/kysely-session-store.ts";
import { TargetGuard } from "../webhooks/target-guard.ts";
import type { Addresses } from "./addresses.ts";
import { createOidcFetch } from "./oidc-fetch.ts";
import type { Stores } from "./stores.ts";
import { systemClock as clock } from "./system-clock.ts";

export interface PeopleStack {
  readonly api: PeopleApi;
  /** Enables logins. Returns the token of the link that creates the first owner; null if there is an owner. */
  setUp(): Promise<string | null>;
  /** Writes pending entries of the audit log. */
  stop(): Promise<void>;
}

/** Loads its modules only here, so that a server without the dashboard does not load them. */
export async function createPeopleStack(
  config: Config,
  addresses: Addresses,
  { db, keys, audit, auditKey }: Pick<Stores, "db" | "keys" | "audit" | "auditKey">,
  given: Pick<PeopleApiOptions, "sharedRates" | "isApp"> & FailureWatch,
  log: Logger,
): Promise<PeopleStack> {
  const { createPeopleApi } = await import("../admin-api/people/people-api.ts");
  const { strongHashing } = await import("../people/passwords.ts");
  const { RefusedLoginCounter } = await import("../people/refused-logins.ts");
  const people = {
    accounts: new KyselyAccountStore(db),
    sessions: new KyselySessionStore(db),
    secondFactors: new KyselySecondFactorStore(db),
    inOneTransaction: createInOnePeopleTransaction(db, auditKey, clock),
  };
  let recorded = Promise.resolve();
  const refusedLogins = new RefusedLoginCounter(clock, (refused) => {
    recorded = recorded.then(() => recordRefused(audit, refused, log));
  });
  const api = createPeopleApi(people, clock, {
    publicAddress: {
      url: addresses.dashboardOrigin,
      pathPrefix: config.pathPrefix,
      isSecure: addresses.isDashboardSecure,
      dashboardUrl: () => addresses.dashboard,
    },
    oidc: oidcOf(config, log),
    hashing: strongHashing,
    bodyBytesMax: config.httpBodyBytesMax,
    onRefusedLogin: (refused) => refusedLogins.record(refused),
    ...given,
  });
  return {
    api,
    async stop() {
      refusedLogins.flush();
      await recorded;
    },
    async setUp() {
      api.open(await serverSecret(db, keys, "people"));
      try {
        return await api.setUp(ownerOf(config));
      } catch (error) {
        if (!(error instanceof Refusal && error.code === "password_too_weak")) throw error;
        throw new Error(
          `The owner's account cannot be created with adminPassword (SOKETIFY_ADMIN_PASSWORD). ${error.message}`,
        );
      }
    },
  };
}

function ownerOf({ adminEmail: email, adminPassword: password }: Config) {
  return email === null || password === null ? null : { email, password };
}

function oidcOf(config: Config, log: Logger) {
  const {
    oidcIssuer: issuer,
    oidcClientId: clientId,
    oidcClientSecret: clientSecret,
    oidcName: name,
  } = config;
  if (issuer === null || clientId === null || clientSecret === null) return null;
  const onRefused = (refused: OidcRefused) =>
    log.info({ err: refused }, "An OpenID Connect login was refused");
  // The configured issuer URL decides whether plain HTTP is allowed.
  const guard = new TargetGuard({ allow: config.webhookAllow, isHttpAllowed: issuer.startsWith("http:") });
  return { issuer, clientId, clientSecret, name, onRefused, fetch: createOidcFetch(issuer, guard) };
}

/** Appends one entry for any number of attempts. */
async function recordRefused(audit: AuditLog, refused: RefusedLogins, log: Logger): Promise<void> {
  const { address, target, tries, why, firstAtMs, lastAtMs } = refused;
  const actor = auditActor({ kind: "anonymous", id: null, name: "anonymous", address });
  const after = { tries, why, firstAt: isoTime(firstAtMs), lastAt: isoTime(lastAtMs) };
  try {
    await audit.append({ ...actor, action: "session.refuse", target, appId: null, before: null, after });
  } catch (error) {
    log.warn({ err: error, tries }, "Refused logins could not be written to the audit log");
  }
}
