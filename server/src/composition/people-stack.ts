/** People, put together for this server: where it is reached, the secret of its cookies, its single sign-on. */
import type { Logger } from "pino";
import type { PeopleApi } from "../admin-api/people-api.ts";
import type { FailureWatch } from "../admin-api/problem.ts";
import type { Config } from "../config/config.ts";
import { databaseType } from "../storage/open-database.ts";
import { serverSecret } from "../storage/server-secret.ts";
import type { Addresses } from "./addresses.ts";
import type { Stores } from "./stores.ts";
import { systemClock as clock } from "./system-clock.ts";

export interface PeopleStack {
  readonly api: PeopleApi;
  /** Lets people in. Answers the token of the link that makes the first owner, and null where there is an owner. */
  setUp(): Promise<string | null>;
}

/** Loaded only here: whoever switches the dashboard off does not pay for it. */
export async function createPeopleStack(
  config: Config,
  addresses: Addresses,
  { db, keys, audit }: Pick<Stores, "db" | "keys" | "audit">,
  failures: FailureWatch,
  log: Logger,
): Promise<PeopleStack> {
  const { createPeopleApi } = await import("../admin-api/people-api.ts");
  const { strongHashing } = await import("../people/people-auth.ts");
  const api = createPeopleApi(audit, clock, {
    database: { db, type: databaseType(db), transaction: true },
    place: {
      url: addresses.dashboardOrigin,
      pathPrefix: config.pathPrefix,
      isSecure: addresses.isDashboardSecure,
    },
    oidc: oidcOf(config, log),
    hashing: strongHashing,
    bodyBytesMax: config.httpBodyBytesMax,
    ...failures,
  });
  return {
    api,
    async setUp() {
      api.open(await serverSecret(db, keys, "people"));
      return api.setUp(ownerOf(config));
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
  const onRefused = (reason: string) => log.info({ reason }, "Somebody who came to sign on was refused");
  return { issuer, clientId, clientSecret, name, onRefused };
}
