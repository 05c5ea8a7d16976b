/** The API of people over a separate database, with browsers that keep cookies like real ones. */
import { afterEach, beforeEach, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { sql } from "kysely";
import { problem } from "../../src/admin-api/contracts/common.ts";
import { inviteAnswer, sessionAnswer } from "../../src/admin-api/contracts/people.ts";
import { createPeopleApi, type PeopleApi, type PeopleStores } from "../../src/admin-api/people/people-api.ts";
import { notFound, type RequestOrigin } from "../../src/admin-api/routes.ts";
import { createOidcFetch } from "../../src/composition/oidc-fetch.ts";
import { systemClock } from "../../src/composition/system-clock.ts";
import type { Role } from "../../src/core/role.ts";
import { KnownDevices } from "../../src/people/known-devices.ts";
import type { RefusedLogin } from "../../src/people/refused-logins.ts";
import { atomically } from "../../src/storage/database/atomically.ts";
import { openDatabase } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { migrate } from "../../src/storage/migrations/migrate.ts";
import { KyselyAccountStore } from "../../src/storage/people/kysely-account-store.ts";
import { KyselySecondFactorStore } from "../../src/storage/people/kysely-second-factor-store.ts";
import { KyselySessionStore } from "../../src/storage/people/kysely-session-store.ts";
import { TargetGuard } from "../../src/webhooks/target-guard.ts";
import { AdminApiUnderTest } from "./admin-api.ts";
import type { OidcIssuer } from "./oidc-issuer.ts";

const secret = "5e".repeat(32);
export const password = "correct horse battery";
export type Web = (request: Request) => Response | Promise<Response>;

interface Setting {
  readonly url?: string;
  readonly issuer?: OidcIssuer | undefined;
  readonly remove?: () => Promise<void>;
  /** False: the database was never reachable. */
  readonly isOpen?: boolean;
  /** Whether the server's URL is configured. */
  readonly isUrlKnown?: boolean;
}

/** Starts the API for each test of the file, and checks afterwards that there was no unexpected error. */
export function peopleApiForEachTest(onStarted: (server: PeopleApiUnderTest) => void): void {
  let server: PeopleApiUnderTest;
  beforeEach(async () => {
    server = await PeopleApiUnderTest.start();
    onStarted(server);
  });
  afterEach(async () => {
    expect(server.bugs).toEqual([]);
    await server.remove();
  });
}

export class PeopleApiUnderTest {
  readonly url: string;
  readonly admin: AdminApiUnderTest;
  readonly people: PeopleApi;
  readonly bugs: unknown[] = [];
  readonly refusedOidcLogins: string[] = [];
  /** The log messages of refused OpenID Connect logins. */
  readonly oidcLog: string[] = [];
  readonly refusedLogins: RefusedLogin[] = [];
  isDatabaseUnreachable = false;
  readonly remove: () => Promise<void>;
  /** The address of the browsers' requests. */
  address = "192.0.2.7";
  readonly #db: Database;
  readonly #web: Hono<{ Bindings: RequestOrigin }>;

  /** Uses an embedded database that `remove()` deletes. */
  static async start(
    url = "http://soketify.test",
    issuer?: OidcIssuer,
    isUrlKnown = issuer !== undefined,
  ): Promise<PeopleApiUnderTest> {
    const dataDir = mkdtempSync(join(tmpdir(), "soketify-people-"));
    const db = await openDatabase({ url: null, dataDir });
    await migrate(db);
    const remove = async () => {
      await db.destroy();
      rmSync(dataDir, { recursive: true, force: true });
    };
    return new PeopleApiUnderTest(db, { url, issuer, remove, isUrlKnown });
  }

  constructor(
    db: Database,
    { url = "http://soketify.test", issuer, remove, isOpen = true, ...rest }: Setting = {},
  ) {
    const isUrlKnown = rest.isUrlKnown ?? issuer !== undefined;
    this.url = url;
    this.#db = db;
    this.remove = remove ?? (() => Promise.resolve());
    this.admin = new AdminApiUnderTest((request) => this.people.authenticateSession(request));
    const { audit } = this.admin.management;
    const stores = {
      ...storesOver(db),
      // The audit log is in memory. If an append fails, the change is rolled back all the same.
      inOneTransaction: (change) =>
        atomically(db, (transaction) => change({ ...storesOver(transaction), audit })),
    } satisfies PeopleStores;
    this.people = createPeopleApi(stores, systemClock, {
      publicAddress: {
        url: isUrlKnown ? url : null,
        pathPrefix: new URL(url).pathname.replace(/\/$/, ""),
        isSecure: url.startsWith("https:"),
        dashboardUrl: () => `${isUrlKnown ? url : "http://localhost:6001"}/dashboard`,
      },
      oidc:
        issuer === undefined
          ? null
          : {
              issuer: issuer.url,
              clientId: issuer.clientId,
              clientSecret: issuer.clientSecret,
              name: "Staff login",
              fetch: createOidcFetch(issuer.url, new TargetGuard({ allow: [], isHttpAllowed: true })),
              onRefused: ({ refusal, message }) => {
                this.refusedOidcLogins.push(refusal);
                this.oidcLog.push(message);
              },
            },
      isApp: (appId) => ["1", "2"].includes(appId),
      hashing: { memoryKib: 64, passes: 1 },
      bodyBytesMax: 65_536,
      sharedRates: null,
      onRefusedLogin: (refused) => void this.refusedLogins.push(refused),
      isDatabaseUnreachable: async () => this.isDatabaseUnreachable,
      onBug: (error) => void this.bugs.push(error),
    });
    if (isOpen) this.people.open(secret);
    this.#web = new Hono<{ Bindings: RequestOrigin }>()
      .basePath(new URL(url).pathname)
      .route("/api/auth", this.people.callback)
      .route("/api/v1", this.people.routes(this.admin.api))
      .route("/api/v1", this.admin.api.routes)
      .all("/api/v1/*", notFound);
  }

  readonly fetch: Web = (request) => this.#web.fetch(request, { address: this.address });

  browser(): Browser {
    return new Browser(this.url, this.fetch);
  }

  /** The token of a browser in which that person was logged in. */
  deviceToken(email: string): string {
    return new KnownDevices(secret).newToken(email);
  }

  /** The newest entry of the audit log. */
  lastAudit() {
    return this.admin.management.audit.rows.at(-1);
  }

  /** @throws if there is an account already */
  async setupLink(): Promise<string> {
    const token = await this.people.setUp(null);
    if (token === null) throw new Error("There is somebody already");
    return `${this.url}/dashboard/setup#${token}`;
  }

  /** A browser in which the first owner has just logged in. */
  async owner(email = "owner@example.com"): Promise<Browser> {
    const browser = this.browser();
    await browser.join(await this.setupLink(), { email });
    return browser;
  }

  /** A browser in which a person with this role has just logged in. */
  async somebody(owner: Browser, role: Role, appIds: string[] | null = null): Promise<Browser> {
    const body = { email: `${role}-${crypto.randomUUID()}@example.com`, role, appIds };
    const answer = await owner.call("POST", "/people/invitations", body);
    const { path } = inviteAnswer.parse(await answer.json());
    const browser = this.browser();
    await browser.join(`${this.url}/dashboard${path}`, {});
    return browser;
  }

  async passwordHashes(): Promise<string[]> {
    const { rows } = await sql<{ password: string }>`select password_hash as password from accounts`.execute(
      this.#db,
    );
    return rows.map((row) => row.password);
  }
}

function storesOver(db: Database) {
  return {
    accounts: new KyselyAccountStore(db),
    sessions: new KyselySessionStore(db),
    secondFactors: new KyselySecondFactorStore(db),
  };
}

export class Browser {
  readonly cookies = new Map<string, string>();
  /** `Set-Cookie` of the latest answer that had any, unchanged. */
  setCookies: string[] = [];
  csrfToken: string | null = null;
  readonly #url: string;
  readonly #fetch: Web;

  constructor(url: string, fetch: Web) {
    this.#url = url;
    this.#fetch = fetch;
  }

  /** @param headers replace those that a browser on the dashboard's page would send; null leaves one out */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string | null>> = {},
  ): Promise<Response> {
    const sent: Record<string, string | null> = {
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") || null,
      origin: method === "GET" ? null : new URL(this.#url).origin,
      "sec-fetch-site": "same-origin",
      "x-csrf-token": this.csrfToken,
      "content-type": body === undefined ? null : "application/json",
      ...headers,
    };
    const request = new Request(`${this.#url}/api/v1${path}`, {
      method,
      headers: Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await this.#fetch(request);
    this.#keep(response.headers.getSetCookie());
    return response;
  }

  /** @throws if it is refused */
  async call(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await this.send(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** The code of a refusal. */
  async refusal(method: string, path: string, body?: unknown, headers = {}): Promise<string> {
    const response = await this.send(method, path, body, headers);
    if (response.ok) throw new Error(`${method} ${path} was not refused`);
    return problem.parse(await response.json()).code;
  }

  /** Loads the session like the page does. */
  async load() {
    const answer = sessionAnswer.parse(await (await this.call("GET", "/session")).json());
    this.csrfToken = answer.csrfToken;
    return answer;
  }

  async logIn(email: string, given = password): Promise<void> {
    await this.call("POST", "/session", { email, password: given });
    await this.load();
  }

  /** Follows a link or a redirect to a page of the server, such as from a provider. */
  async visit(url: URL): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    const response = await this.#fetch(new Request(url.href, { headers }));
    this.#keep(response.headers.getSetCookie());
    return response;
  }

  async join(link: string, { email }: { readonly email?: string }): Promise<void> {
    const token = new URL(link).hash.slice(1);
    await this.call("POST", "/invitations/accept", { token, name: "Somebody", password, email });
    await this.load();
  }

  #keep(lines: readonly string[]): void {
    if (lines.length > 0) this.setCookies = [...lines];
    for (const line of lines) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}
