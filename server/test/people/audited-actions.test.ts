/** Every action of the audit log, on the real server while its log cannot be written: nothing is changed. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { enrolAnswer, inviteAnswer, sessionsAnswer } from "../../src/admin-api/contracts/people.ts";
import { type AuditAction, auditActions } from "../../src/core/audit-actions.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { Browser, password } from "../support/people-api.ts";
import { runSoketify, runSoketifyWith } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { totp } from "../support/totp.ts";
import { until } from "../support/until.ts";

/** Performs the action once. False: it was refused. */
type Act = () => boolean | Promise<boolean>;

const email = "owner@example.com";
let server: RunningServer;
let owner: Browser;
let db: Database;
let app: string;
let passphrase: string;
let backupCodes: string[] = [];

beforeAll(async () => {
  server = await startServer();
  app = `/apps/${server.app.id}`;
  db = new Database(join(server.dataDir, "soketify.db"));
  db.run("pragma busy_timeout = 5000");
  passphrase = join(server.dataDir, "passphrase");
  writeFileSync(passphrase, "a long enough passphrase\n");
  owner = new Browser(server.httpUrl, fetch);
  const link = await until(
    "the setup link in the log",
    () => /http\S+\/setup#\S+/.exec(server.log)?.[0] ?? null,
  );
  await owner.join(link, { email });
}, 30_000);

afterAll(async () => {
  db.close();
  await server.remove();
});

const admin = (method: string, path: string, body?: object) =>
  fetch(`${server.httpUrl}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.adminToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const isDone = async (answer: Promise<Response>) => (await answer).ok;
const byAdmin =
  (method: string, path: string, body?: object): Act =>
  () =>
    isDone(admin(method, path, body));
const byOwner =
  (method: string, path: string, body?: object): Act =>
  () =>
    isDone(owner.send(method, path, body));
const byCli =
  (...args: string[]): Act =>
  () =>
    runSoketify(server.dataDir, ...args).code === 0;

async function made(answer: Promise<Response>, at: string): Promise<string> {
  const values = Object.values((await (await answer).json()) as Record<string, Record<string, string>>);
  const value = values[0]?.[at];
  if (value === undefined) throw new Error(`The answer has no ${at}`);
  return value;
}

const invite = async () => {
  const body = { email: `${crypto.randomUUID()}@example.com`, role: "viewer", appIds: null };
  return inviteAnswer.parse(await (await owner.call("POST", "/people/invitations", body)).json());
};
const newMember = async () => {
  const browser = new Browser(server.httpUrl, fetch);
  const { path } = await invite();
  await browser.join(`${server.httpUrl}/dashboard${path}`, {});
  return (await browser.load()).person?.id ?? "";
};
const newSession = async () => {
  const browser = new Browser(server.httpUrl, fetch);
  await browser.logIn(email);
  return browser;
};
const newWebhook = () => {
  const body = { url: "https://example.com/hook", events: ["channel_occupied"] };
  return made(admin("POST", `${app}/webhooks`, body), "id");
};

/** The preparation, then the action. A text explains why an action changes nothing that could be rolled back. */
const actions: Readonly<Record<AuditAction, (() => Act | Promise<Act>) | string>> = {
  "app.create": () => byAdmin("POST", "/apps", { id: "another", name: "Another" }),
  "app.update": () => byAdmin("PATCH", app, { name: "Renamed" }),
  "app.delete": () => byAdmin("DELETE", "/apps/another"),
  "app.export": () => {
    const file = join(server.dataDir, "apps.json");
    const run = byCli("export", file, "--passphrase-file", passphrase);
    return async () => (await run()) && existsSync(file);
  },
  "app.import": () => {
    const file = join(server.dataDir, "apps.json");
    return byCli("import", file, "--passphrase-file", passphrase, "--taken", "replace");
  },
  "secret.rotate": () => byAdmin("POST", `${app}/secrets/rotate`, {}),
  "secret.cancel": () => byAdmin("POST", `${app}/secrets/cancel`),
  "secret.activate": async () => {
    await admin("POST", `${app}/secrets/rotate`, {});
    return byAdmin("POST", `${app}/secrets/activate`, { force: true });
  },
  "secret.rotate-at-once": () => byAdmin("POST", `${app}/secrets/rotate`, { activate: true }),
  "secret.replace": "at a start, in the transaction of secret.rotate",
  "secret.reveal": async () => {
    const { secrets } = (await (await admin("GET", `${app}/secrets`)).json()) as {
      secrets: { id: string }[];
    };
    return byAdmin("POST", `${app}/secrets/${secrets[0]?.id}/reveal`);
  },
  "webhook.create": () =>
    byAdmin("POST", `${app}/webhooks`, { url: "https://example.com/", events: ["channel_vacated"] }),
  "webhook.update": async () => byAdmin("PATCH", `${app}/webhooks/${await newWebhook()}`, { enabled: false }),
  "webhook.delete": async () => byAdmin("DELETE", `${app}/webhooks/${await newWebhook()}`),
  "webhook.replay": async () => {
    const id = await newWebhook();
    db.run(
      `insert into webhook_deliveries (id, webhook_id, type, channel, event, state, attempts, created_at_ms, queued_at_ms, due_at_ms)
       values ('d1', ?, 'channel_occupied', 'a', '{}', 'delivered', 1, 0, 0, 0)`,
      [id],
    );
    return byAdmin("POST", `${app}/webhooks/${id}/deliveries/d1/replay`);
  },
  "webhook.localhost": () => byAdmin("PATCH", "/localhost-webhooks", { isAllowed: true }),
  "token.create": () => byAdmin("POST", "/tokens", { name: "ci", scopes: ["read"], expiresAt: null }),
  "token.revoke": async () => {
    const body = { name: "old", scopes: ["read"], expiresAt: null };
    return byAdmin("DELETE", `/tokens/${await made(admin("POST", "/tokens", body), "id")}`);
  },
  "connection.close": async () => {
    const client = await RawClient.connect(server.webSocketUrl());
    return byAdmin("DELETE", `${app}/connections/${client.socketId}`);
  },
  "person.invite": () =>
    byOwner("POST", "/people/invitations", { email: "new@example.com", role: "viewer", appIds: null }),
  "person.withdraw-invitation": async () =>
    byOwner("DELETE", `/people/invitations/${(await invite()).invitation.id}`),
  "person.join": async () => {
    const token = (await invite()).path.split("#")[1];
    const visitor = new Browser(server.httpUrl, fetch);
    return () => isDone(visitor.send("POST", "/invitations/accept", { token, name: "New", password }));
  },
  "person.change": async () =>
    byOwner("PATCH", `/people/${await newMember()}`, { role: "admin", appIds: null }),
  "person.remove": async () => byOwner("DELETE", `/people/${await newMember()}`),
  "account.rename": () => byOwner("PATCH", "/account", { name: "Ada" }),
  "account.change-password": () =>
    byOwner("POST", "/account/password", { currentPassword: password, newPassword: password }),
  "account.add-second-factor": async () => {
    const answer = await owner.call("POST", "/account/second-factor", { password });
    const enrolled = enrolAnswer.parse(await answer.json());
    backupCodes = enrolled.backupCodes;
    const secret = new URL(enrolled.totpUri).searchParams.get("secret") ?? "";
    return () => isDone(owner.send("POST", "/account/second-factor/confirm", { code: totp(secret) }));
  },
  "account.remove-second-factor": () => () => {
    const code = { kind: "backupCode", code: backupCodes.pop() };
    return isDone(owner.send("POST", "/account/second-factor/remove", { password, code }));
  },
  "account.reset-password": () => () =>
    runSoketifyWith(`${password}\n`, server.dataDir, "people", "reset-password", email).code === 0,
  "account.reset-second-factor": async () => {
    await owner.logIn(email);
    const add = actions["account.add-second-factor"];
    if (typeof add !== "function" || !(await (await add())())) throw new Error("No second factor was added");
    return byCli("people", "reset-second-factor", email);
  },
  "session.begin": () => {
    const visitor = new Browser(server.httpUrl, fetch);
    return () => isDone(visitor.send("POST", "/session", { email, password }));
  },
  "session.end": async () => {
    const browser = await newSession();
    return () => isDone(browser.send("DELETE", "/session"));
  },
  "session.revoke": async () => {
    await owner.logIn(email);
    await newSession();
    const { sessions } = sessionsAnswer.parse(await (await owner.call("GET", "/sessions")).json());
    return byOwner("DELETE", `/sessions/${sessions.find(({ isCurrent }) => !isCurrent)?.id}`);
  },
  "session.refuse": "nothing is changed where somebody is refused",
  "keys.rotate": () => byCli("keys", "rotate"),
  "keys.rewrap": () => byCli("keys", "rewrap"),
  "audit.remove": "of the log itself: see its contract",
  "audit.alarm": "of the log itself: see its contract",
};

/** Columns that change regardless of the action's result: counts of attempts, used codes, times of last use. */
const leftBehind: Readonly<Record<string, readonly string[]>> = {
  account_second_factors: ["tries", "sealed_backup_codes", "last_used_step"],
  webhook_state: ["leased_by", "leased_until_ms", "lease_token"],
  secrets: ["last_used"],
  // From an attempt in the meantime.
  webhook_deliveries: ["attempts", "attempted_at_ms", "due_at_ms", "duration_ms", "status", "answer"],
  // A command that opens the database takes its lock.
  app_version: ["version"],
};
const ofOthers = new Set(["app_stats", "webhook_departures", "webhook_order"]);

async function everything() {
  const tables = db.query("select name from sqlite_master where type = 'table'").all() as { name: string }[];
  const rows = tables
    .filter(({ name }) => !ofOthers.has(name))
    .map(({ name }) => {
      const all = db.query(`select * from "${name}"`).all() as Record<string, unknown>[];
      const isKept = ([column]: [string, unknown]) => !leftBehind[name]?.includes(column);
      return [name, all.map((row) => Object.fromEntries(Object.entries(row).filter(isKept)))];
    });
  const { connections } = (await (await admin("GET", `${app}/connections`)).json()) as {
    connections: object[];
  };
  return { tables: Object.fromEntries(rows), connections: connections.length };
}

test("the list of actions equals those of this test", () => {
  expect(Object.keys(actions).toSorted()).toEqual([...auditActions].toSorted());
});

for (const [action, prepare] of Object.entries(actions))
  if (typeof prepare === "function")
    test(`${action} is not made if the log cannot be written, and is recorded otherwise`, async () => {
      await owner.load();
      const act = await prepare();
      const before = await everything();
      db.run("create trigger no_log before insert on audit_rows begin select raise(abort, 'no log'); end");
      try {
        expect(await act()).toBe(false);
      } finally {
        db.run("drop trigger no_log");
      }
      expect(await everything()).toEqual(before);
      expect(await act()).toBe(true);
      const last = db.query("select action from audit_rows order by sequence desc limit 3").all();
      expect(last).toContainEqual({ action });
    }, 30_000);
