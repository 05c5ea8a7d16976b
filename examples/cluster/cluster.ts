/**
 * A cluster on this machine, like deploy/compose/cluster.yaml: nginx, three nodes, PostgreSQL and Redis, with the chat of
 * examples/chat. A key press kills a node while the chat continues. All files are in temporary folders, and Ctrl-C stops everything.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { freePort, isFree } from "../../server/test/support/net/free-port.ts";
import { startComposeNginx } from "../../server/test/support/net/nginx.ts";
import { startPostgres } from "../../server/test/support/services/postgres.ts";
import { startCluster } from "../../server/test/support/start-cluster.ts";
import type { RunningServer } from "../../server/test/support/start-server.ts";
import { until } from "../../server/test/support/until.ts";

const nodeCount = 3;
const { values: given } = parseArgs({
  options: { port: { type: "string" }, "chat-port": { type: "string" } },
});

for (const [option, port] of Object.entries(given))
  if (!(await isFree(Number(port)))) {
    console.error(`Port ${port} is not available. Set --${option} to another port.`);
    process.exit(1);
  }

const owner = { email: "owner@example.com", password: randomBytes(9).toString("base64url") };
const ends: (() => unknown)[] = [];
const interrupted = Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
const failed = start().catch((error: unknown) => error);
const problem = await Promise.race([
  interrupted.then(() => null),
  failed.then((error) => error ?? interrupted),
]);
for (const end of ends.toReversed()) await end();
if (problem instanceof Error) throw problem;
process.exit(0);

async function start(): Promise<void> {
  print("Starting PostgreSQL, Redis, three nodes and nginx …");
  const postgres = await startPostgres();
  ends.push(() => postgres.remove());
  const cluster = await startCluster(nodeCount, {
    env: {
      SOKETIFY_DATABASE_URL: postgres.url,
      SOKETIFY_TRUSTED_PROXIES: "127.0.0.1/32",
      SOKETIFY_ADMIN_EMAIL: owner.email,
      SOKETIFY_ADMIN_PASSWORD: owner.password,
    },
  });
  ends.push(() => cluster.remove());
  const port = given.port === undefined ? await freePort() : Number(given.port);
  const nginx = await startComposeNginx(
    port,
    cluster.nodes.map(({ listenPort }) => listenPort),
  );
  ends.push(() => nginx.remove());
  // So that nobody misses a message while they move to another node.
  const settings = { channelRules: [{ pattern: "presence-room", historyEventsMax: 100 }] };
  await cluster.front.admin("PATCH", `/apps/${cluster.front.app.id}`, { settings });
  await startChat(port, cluster.front);
  print(`Dashboard: http://127.0.0.1:${port}/dashboard   ${owner.email}   ${owner.password}`);
  print("Press k to kill a node, s to start it again, Ctrl-C to stop all.");
  obeyKeys(cluster.nodes);
}

/** Waits until the chat answers. It prints its own address. */
async function startChat(port: number, { app }: RunningServer): Promise<void> {
  const chatPort = given["chat-port"] ?? String(await freePort());
  const chat = Bun.spawn(["node", "examples/chat/server.js"], {
    cwd: `${import.meta.dir}/../..`,
    env: {
      ...process.env,
      PORT: chatPort,
      CHAT_RECOVERS: "yes",
      SOKETIFY_HOST: "127.0.0.1",
      SOKETIFY_PORT: String(port),
      SOKETIFY_APP_ID: app.id,
      SOKETIFY_APP_KEY: app.key,
      SOKETIFY_APP_SECRET: app.secret,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  ends.push(async () => {
    chat.kill();
    await chat.exited;
  });
  await until("the chat to answer", () => fetch(`http://127.0.0.1:${chatPort}`).then(Boolean, () => false));
}

function obeyKeys(nodes: readonly RunningServer[]): void {
  const { stdin } = process;
  // Read each key immediately. In this mode the terminal does not turn Ctrl-C into a signal.
  if (stdin.isTTY) stdin.setRawMode(true);
  let done = Promise.resolve();
  stdin.on("data", (keys: Buffer) => {
    for (const key of keys.toString())
      if (key === "\u0003") process.kill(process.pid, "SIGINT");
      else done = done.then(() => obey(key, nodes));
  });
}

async function obey(key: string, nodes: readonly RunningServer[]): Promise<void> {
  const running = nodes.filter(({ isRunning }) => isRunning);
  const [stopped] = nodes.filter(({ isRunning }) => !isRunning);
  if (key === "k") {
    const last = running.at(-1);
    if (last === undefined || running.length === 1)
      return print("Only one node is running. Press s to start another.");
    await last.kill();
    print(`Killed the node on port ${last.listenPort}. Its clients are moving to the others.`);
  }
  if (key === "s" && stopped !== undefined) {
    await stopped.start();
    print(`The node on port ${stopped.listenPort} is back.`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
