/** Commands over one node, and commands on the database, take effect on all nodes. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/net/free-port.ts";
import { request, sign, signedPath } from "../support/net/http-request.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { runSoketifyBeside } from "../support/run-soketify.ts";
import { startPostgres } from "../support/services/postgres.ts";
import { directTo, type RunningCluster, startCluster } from "../support/start-cluster.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

const channel = "private-orders";
const succeeded = "pusher_internal:subscription_succeeded";
const refused = "pusher:subscription_error";

let cluster: RunningCluster;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let b: ReturnType<typeof directTo>;
/** A folder without a server, with config files of the nodes: one with their Redis, one with an unreachable one, and one without. */
let elsewhere: string;
/** The app's active secret. */
let secret: string;
const clients: RawClient[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  const masterKey = Buffer.alloc(32, 7).toString("base64");
  const database = { SOKETIFY_DATABASE_URL: postgres.url, SOKETIFY_MASTER_KEY: masterKey };
  cluster = await startCluster(2, { env: database });
  secret = cluster.front.app.secret;
  const [, second] = cluster.nodes;
  if (second === undefined) throw new Error("There are two nodes");
  b = directTo(second);
  elsewhere = mkdtempSync(join(tmpdir(), "soketify-elsewhere-"));
  for (const [name, redis] of [
    ["soketify.json", { redisUrl: cluster.redis.url }],
    ["away.json", { redisUrl: `redis://127.0.0.1:${await freePort()}` }],
    ["without.json", {}],
  ] as const)
    writeFileSync(join(elsewhere, name), JSON.stringify({ databaseUrl: postgres.url, masterKey, ...redis }));
  const settings = { channelRules: [{ pattern: channel, historyEventsMax: 10 }] };
  await cluster.front.admin("PATCH", `/apps/${cluster.front.app.id}`, { settings });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.tcp.destroy();
});
afterAll(async () => {
  await cluster?.remove();
  await postgres?.remove();
  if (elsewhere !== undefined) rmSync(elsewhere, { recursive: true });
});

/** A client of node b. */
async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(b.webSocketUrl());
  clients.push(client);
  return client;
}

/** The event that answers a subscription that this secret signs. */
async function subscribe(client: RawClient, signer: string): Promise<string> {
  const auth = `${cluster.front.app.key}:${sign(signer, `${client.socketId}:${channel}`)}`;
  client.send({ event: "pusher:subscribe", data: { channel, auth } });
  return (await client.next("the answer to the subscription")).event;
}

async function answerOfB(signer: string): Promise<string> {
  return subscribe(await connect(), signer);
}

describe.each([
  ["over the URL of node a", () => ["--url", directTo(cluster.front).adminUrl, "--token-file", "-"]],
  ["on the database", () => ["--config", join(elsewhere, "soketify.json"), "--data-dir", elsewhere]],
] as const)("%s", (way, where) => {
  async function ask<Answer>(...args: string[]): Promise<Answer> {
    const token = cluster.front.adminToken;
    const { code, output, errors } = await runSoketifyBeside(token, ...args, "--json", ...where());
    expect([code, errors]).toEqual([0, ""]);
    return JSON.parse(output) as Answer;
  }

  test("the history contains what was published on the other node", async () => {
    const app = { ...cluster.front.app, secret };
    const body = JSON.stringify({ name: "placed", data: way, channels: [channel] });
    const path = signedPath(app, { method: "POST", path: `/apps/${app.id}/events`, body });
    const headers = { "content-type": "application/json" };
    expect((await request(b.adminUrl + path, { method: "POST", body, headers })).status).toBe(200);
    const { events } = await ask<{ events: object[] }>("history", app.id, channel, "--limit", "1");
    expect(events).toMatchObject([{ name: "placed", data: way }]);
  });

  test("a rotation is effective on the other node when the command ends, and keeps its clients", async () => {
    const { id } = cluster.front.app;
    const client = await connect();
    expect(await subscribe(client, secret)).toBe(succeeded);
    const old = secret;
    const { value } = await ask<{ value: string }>("secret", "rotate", id);
    expect([await answerOfB(old), await answerOfB(value)]).toEqual([succeeded, succeeded]);
    await ask("secret", "activate", id, "--force");
    secret = value;
    expect([await answerOfB(old), await answerOfB(value)]).toEqual([refused, succeeded]);
    await client.expectNothingMore();
  });

  test("an emergency rotation closes the connections of the old secret on the other node", async () => {
    const client = await connect();
    expect(await subscribe(client, secret)).toBe(succeeded);
    const old = secret;
    const rotate = ["secret", "rotate", cluster.front.app.id, "--activate", "--close-connections"];
    secret = (await ask<{ value: string }>(...rotate)).value;
    expect(await client.waitForClose()).toMatchObject({ code: 4200 });
    expect([await answerOfB(old), await answerOfB(secret)]).toEqual([refused, succeeded]);
  });
});

test.each([
  [
    "while Redis is unreachable, and says so",
    "away.json",
    expect.stringContaining("but close no connections"),
  ],
  ["without its URL", "without.json", ""],
])("a command on the database closes no connections %s", async (_, file, said) => {
  const client = await connect();
  expect(await subscribe(client, secret)).toBe(succeeded);
  const args = ["--config", join(elsewhere, file), "--data-dir", elsewhere, "--json"];
  const rotate = ["secret", "rotate", cluster.front.app.id, "--activate", "--close-connections"];
  const { code, output, errors } = await runSoketifyBeside("", ...rotate, ...args);
  expect([code, errors]).toEqual([0, said]);
  secret = JSON.parse(output).value;
  await until("node b to read the change", async () => (await answerOfB(secret)) === succeeded);
  await client.expectNothingMore();
});

test("a command of another installation does not reach the nodes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-other-"));
  const created = await runSoketifyBeside("", "app", "create", "--name", "Other", "--data-dir", folder);
  expect(created.code).toBe(0);
  writeFileSync(join(folder, "soketify.json"), JSON.stringify({ redisUrl: cluster.redis.url }));
  const args = ["--config", join(folder, "soketify.json"), "--data-dir", folder];
  const { code, errors } = await runSoketifyBeside("", "app", "list", ...args);
  expect([code, errors]).toEqual([1, expect.stringContaining("another database or another master key")]);
  rmSync(folder, { recursive: true });
});
