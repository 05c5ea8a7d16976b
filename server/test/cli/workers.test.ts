/** `soketify start --workers N`: several nodes of one machine on one port. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdminClient } from "../../src/cli/admin-client.ts";
import { freePort } from "../support/net/free-port.ts";
import { makeCertificate } from "../support/net/make-certificate.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { runSoketify } from "../support/run-soketify.ts";
import { startRedis } from "../support/services/redis.ts";
import { type RunningServer, type ServerOptions, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

const names = ["host-1", "host-2"];
const cleanups: (() => unknown)[] = [];
let redis: Awaited<ReturnType<typeof startRedis>>;

beforeEach(async () => {
  redis = await startRedis();
  cleanups.push(() => redis.remove());
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startWorkers({ env, ...options }: ServerOptions = {}): Promise<RunningServer> {
  const flags = ["--workers", String(names.length), "--node-name", "host"];
  const given = { NODE_ENV: "production", SOKETIFY_REDIS_URL: redis.url, ...env };
  const server = await startServer({ ...options, flags, env: given });
  cleanups.push(() => server.remove());
  return server;
}

/** The process ids by worker name, such as `host-2`. */
function pidsOf({ log }: RunningServer): ReadonlyMap<string, number> {
  const lines = log.split("\n").filter((line) => line.includes('"Worker started"'));
  return new Map(lines.map((line) => JSON.parse(line)).map(({ worker, pid }) => [worker, pid]));
}

async function connect(server: RunningServer): Promise<RawClient> {
  const client = await RawClient.connect(server.webSocketUrl());
  cleanups.push(() => client.tcp.destroy());
  client.send({ event: "pusher:subscribe", data: { channel: "news" } });
  await client.expect("pusher_internal:subscription_succeeded");
  return client;
}

function publish(server: RunningServer, data: string): void {
  const { code, errors } = runSoketify(server.dataDir, "trigger", server.app.id, "news", "news-event", data);
  if (code !== 0) throw new Error(errors);
}

/** Connects clients until each worker has one. Returns each client with its worker's name. */
async function clientsOnAll(server: RunningServer) {
  const admin = new AdminClient(server.adminUrl, server.adminToken);
  await until("every worker to know the names of all", async () => {
    // A request to a worker that is killed in the meantime gets no answer.
    const { nodes } = await admin.call("GET /nodes", {}).catch(() => ({ nodes: [] }));
    const serving = nodes.flatMap(({ name, state }) => (state === "serving" ? [name] : []));
    return serving.toSorted().join() === names.join();
  });
  const clients = new Map<string, RawClient>();
  return until("a client on each worker", async () => {
    // A connection that a killed worker had not accepted yet is lost.
    const client = await connect(server).catch(() => null);
    if (client === null) return false;
    clients.set(client.socketId, client);
    const { connections } = await admin.call("GET /apps/{appId}/connections", {
      path: { appId: server.app.id },
    });
    const connected = connections.flatMap(({ socketId, node }) => {
      const one = clients.get(socketId);
      return one === undefined ? [] : [{ client: one, worker: node?.name }];
    });
    return names.every((name) => connected.some(({ worker }) => worker === name)) && connected;
  });
}

test("clients of all workers receive an event; a killed worker disconnects only its clients, and is restarted", async () => {
  const server = await startWorkers();
  const connected = await clientsOnAll(server);
  publish(server, "before");
  for (const { client } of connected) await client.expect("news-event");

  const pid = pidsOf(server).get("host-2") ?? 0;
  process.kill(pid, "SIGKILL");
  for (const { client, worker } of connected) if (worker === "host-2") await client.closed;
  await clientsOnAll(server);
  expect(pidsOf(server).get("host-2")).not.toBe(pid);
  expect(server.log).toMatch(
    /"worker":"host-2".*"signal":"SIGKILL".*"A worker died. It is started again in 200 ms"/,
  );
  publish(server, "after");
  for (const { client, worker } of connected) if (worker !== "host-2") await client.expect("news-event");
});

test("commands reach any worker with the token of the data folder; others may not share its port; SIGTERM drains all", async () => {
  const server = await startWorkers();
  const { url, token, pid } = JSON.parse(readFileSync(join(server.dataDir, "server.json"), "utf8"));
  expect(pid).toBe(server.servingPid);
  // Each request uses its own connection, which any worker may accept.
  const headers = { authorization: `Bearer ${token}`, connection: "close" };
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => fetch(`${url}/api/v1/nodes`, { headers })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));

  const flags = [
    "--workers",
    "2",
    "--host",
    "127.0.0.1",
    "--port",
    String(server.port),
    "--redis-url",
    redis.url,
  ];
  const { code, errors } = runSoketify(server.dataDir, "start", ...flags);
  expect([code, errors]).toEqual([1, expect.stringContaining(`port ${server.port} is in use`)]);

  const connected = await clientsOnAll(server);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  for (const { client } of connected) expect(await client.closed).toMatchObject({ code: 4200 });
  for (const name of names) expect(server.log).toMatch(new RegExp(`"node":"${name}".*Soketify is stopping`));
  expect(existsSync(join(server.dataDir, "server.json"))).toBe(false);
});

test("each worker has a port for its metrics; SIGHUP reloads the certificate of each, also of one that starts; they end after their supervisor is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-workers-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const { certificate, key } = makeCertificate(folder, "localhost");
  const tls = { SOKETIFY_TLS_CERT_FILE: certificate, SOKETIFY_TLS_KEY_FILE: key };
  const metricsPort = await freePort(names.length);
  const env = { ...tls, SOKETIFY_METRICS_PORT: String(metricsPort) };
  const server = await startWorkers({ isTls: true, env });
  for (const index of names.keys())
    await until("the metrics of a worker that knows the other", async () => {
      const page = await fetch(`http://${server.host}:${metricsPort + index}/metrics`);
      return (await page.text()).includes("\nsoketify_cluster_nodes 2\n");
    });
  process.kill(pidsOf(server).get("host-2") ?? 0, "SIGKILL");
  await until(
    "a worker to start again",
    () => server.log.split("Worker started").length === names.length + 2,
  );
  process.kill(server.pid, "SIGHUP");
  await until("two certificates", () => server.log.split("Certificate reloaded").length === names.length + 2);
  expect(server.log).not.toContain('"signal":"SIGHUP"');

  process.kill(server.pid, "SIGKILL");
  const isGone = (pid: number) => !existsSync(`/proc/${pid}`);
  await until("the workers to end", () => [...pidsOf(server).values()].every(isGone));
});
