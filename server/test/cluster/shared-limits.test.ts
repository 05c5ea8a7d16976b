/** The limits of an app hold on two nodes together, which share a Redis with TLS with another installation. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { signedPath } from "../support/net/http-request.ts";
import { makeCertificate } from "../support/net/make-certificate.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { startRedisWithTls } from "../support/services/redis.ts";
import { directTo, type RunningCluster, startCluster } from "../support/start-cluster.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

type Direct = ReturnType<typeof directTo>;

const folder = mkdtempSync(join(tmpdir(), "soketify-limits-"));
const clients: RawClient[] = [];
let cluster: RunningCluster;
/** Another installation, which has an app with the same credentials. */
let stranger: RunningServer;
let nodes: readonly Direct[];

beforeAll(async () => {
  const files = makeCertificate(folder, "localhost");
  const trusts = { NODE_EXTRA_CA_CERTS: files.certificate };
  cluster = await startCluster(2, { env: trusts }, () => startRedisWithTls(files));
  nodes = cluster.nodes.map(directTo);
  const { id, key, secret } = cluster.front.app;
  const app = { SOKETIFY_APP_ID: id, SOKETIFY_APP_KEY: key, SOKETIFY_APP_SECRET: secret };
  const redis = { SOKETIFY_REDIS_URL: cluster.redis.url, SOKETIFY_REDIS_KEY_PREFIX: "other:" };
  stranger = await startServer({ env: { ...trusts, ...app, ...redis } });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.tcp.destroy();
});
afterAll(async () => {
  await stranger?.remove();
  await cluster?.remove();
  rmSync(folder, { recursive: true });
});

function limit(settings: Readonly<Record<string, number | boolean>>): Promise<unknown> {
  return cluster.front.admin("PATCH", `/apps/${cluster.front.app.id}`, { settings });
}

function ask({ adminUrl }: Direct, path: string): Promise<Response> {
  const { app } = cluster.front;
  return fetch(adminUrl + signedPath(app, { method: "GET", path: `/apps/${app.id}${path}` }));
}

/** The first event of a new client. */
async function greeting(node: Direct): Promise<string> {
  const client = await RawClient.open(node.webSocketUrl());
  clients.push(client);
  const { event, data } = await client.next("the first event");
  return event === "pusher:error" ? `refused with ${(data as { code: number }).code}` : event;
}

/** Waits until the node counts this many connections on both nodes together. */
async function knows(node: Direct, count: number): Promise<void> {
  await until(`${count} connections to be known`, async () =>
    (await (await ask(node, "/connections")).text()).includes(`:${count}`),
  );
}

const established = "pusher:connection_established";

test("the limit of connections holds on both nodes together, once they have reported them", async () => {
  await limit({ connectionsMax: 2 });
  for (const node of nodes) expect(await greeting(node)).toBe(established);
  for (const node of nodes) {
    await knows(node, 2);
    expect(await greeting(node)).toBe("refused with 4004");
  }
  for (const client of clients.splice(0)) client.tcp.destroy();
  for (const node of nodes) await until("room again", async () => (await greeting(node)) === established);
  await limit({ connectionsMax: 0 });
});

test("connections that have not authorized do not count on the other node either", async () => {
  for (const node of nodes) await knows(node, 0);
  await limit({ connectionsMax: 1, authorizedConnectionsOnly: true });
  const [a, b] = nodes;
  if (a === undefined || b === undefined) throw new Error("There are two nodes");
  expect(await greeting(a)).toBe(established);
  await knows(b, 1);
  expect(await greeting(b)).toBe(established);
  await limit({ connectionsMax: 0, authorizedConnectionsOnly: false });
});

test("events reach the subscribers on the other node, and not the other installation on the same Redis", async () => {
  const other = directTo(stranger);
  const [a, b] = nodes;
  if (a === undefined || b === undefined) throw new Error("There are two nodes");
  const subscribers = await Promise.all(
    [b, other].map(async (node) => {
      const client = await RawClient.connect(node.webSocketUrl());
      clients.push(client);
      await client.subscribe("news");
      return client;
    }),
  );
  const path = { appId: cluster.front.app.id };
  for (const { admin, adminUrl } of [a, other])
    await admin.call("POST /apps/{appId}/events", {
      path,
      body: { name: "e", data: adminUrl, channels: ["news"] },
    });
  const received = await Promise.all(subscribers.map((client) => client.expect("e", "news")));
  expect(received.map(({ data }) => data)).toEqual([a.adminUrl, other.adminUrl]);
  const known = await other.admin.call("GET /nodes", {});
  // A node without a configured name has that of its machine.
  expect(known.nodes.map(({ name }) => name)).toEqual([hostname()]);
});

const perSecond = 20;

/** Sends four times the requests of a second in turn. Returns how many were allowed, and how many one count allows in this time. */
async function flood() {
  const startedAtMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 2 * perSecond }, () => nodes.map((node) => ask(node, "/connections"))).flat(),
  );
  const allowed = answers.filter(({ status }) => status === 200).length;
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(answers.length - allowed);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  return { allowed, ofOneCount: perSecond + Math.ceil(perSecond * seconds) };
}

test("both nodes together allow the request rate, and while Redis is unreachable each of them", async () => {
  await limit({ apiRequestsPerSecondMax: perSecond });
  const together = await flood();
  expect(together.allowed).toBeWithin(perSecond, together.ofOneCount + 1);
  cluster.link.targets = [];
  cluster.link.cut();
  for (const { adminUrl } of nodes)
    await until("the loss to be detected", async () =>
      (await (await fetch(`${adminUrl}/health/ready`)).text()).includes("Redis"),
    );
  const apart = await flood();
  expect(apart.allowed).toBeWithin(2 * perSecond, 2 * apart.ofOneCount + 1);
});
