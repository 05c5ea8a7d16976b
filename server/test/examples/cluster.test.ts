/**
 * The cluster example, started like in its README: a node is killed while people chat, and nobody loses a message. Its nginx uses the
 * configuration of deploy/compose.
 */
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import PusherJs from "pusher-js";
import { recover } from "../../../packages/recovery/src/recovery.ts";
import { freePort } from "../support/net/free-port.ts";
import { Browser } from "../support/people-api.ts";
import { until } from "../support/until.ts";
import { connected, type ReceivedEvent, subscribe } from "../support/use-server.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const clients: PusherJs[] = [];
let example: ChildProcess | null = null;
let printed = "";

setDefaultTimeout(180_000);

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
  example?.kill("SIGTERM");
});

function whenPrinted(pattern: RegExp): Promise<RegExpExecArray> {
  return until(String(pattern), () => {
    if (example?.exitCode !== null) throw new Error(`The example ended:\n${printed}`);
    return pattern.exec(printed);
  });
}

/** Logs in like the page: creates a session, then subscribes to the presence channel of the room. */
async function enter(url: string, name: string) {
  const json = { "content-type": "application/json" };
  const session = await fetch(`${url}/session`, {
    method: "POST",
    headers: json,
    body: JSON.stringify({ name }),
  });
  const headers = { cookie: session.headers.get("set-cookie")?.split(";")[0] ?? "" };
  const { key, host, port, room } = (await (await fetch(`${url}/settings`)).json()) as Record<string, string>;
  const client = new PusherJs(String(key), {
    wsHost: String(host),
    wsPort: Number(port),
    forceTLS: false,
    enabledTransports: ["ws"],
    cluster: "default",
    channelAuthorization: {
      transport: "ajax",
      endpoint: `${url}/pusher/auth`,
      customHandler: async ({ socketId, channelName }, callback) => {
        const body = new URLSearchParams({ socket_id: socketId, channel_name: channelName });
        const answer = await fetch(`${url}/pusher/auth`, { method: "POST", headers, body });
        callback(null, (await answer.json()) as { auth: string });
      },
    },
  });
  clients.push(client);
  recover(client, { reconnectDelayMsMax: 1_000 });
  await connected(client);
  const { received } = await subscribe(client, String(room));
  const send = (text: string) =>
    fetch(`${url}/messages`, {
      method: "POST",
      headers: { ...headers, ...json },
      body: JSON.stringify({ text }),
    });
  return { client, received, send };
}

function isMessage(text: string): (one: ReceivedEvent) => boolean {
  return ({ event, data }) => event === "message" && (data as { text: string }).text === text;
}

test("people on three nodes chat, also while one is killed and after it is back; the dashboard works", async () => {
  const [port, chatPort] = [String(await freePort()), String(await freePort())];
  const args = ["examples/cluster/cluster.ts", "--port", port, "--chat-port", chatPort];
  example = spawn(process.execPath, args, { cwd: repository, stdio: "pipe" });
  for (const stream of [example.stdout, example.stderr])
    stream?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const [, dashboard = "", email = "", password = ""] = await whenPrinted(/Dashboard: (\S+) +(\S+) +(\S+)\n/);
  const [, url = ""] = await whenPrinted(/Chat: (\S+)\n/);
  expect([dashboard, url].map((one) => new URL(one).port)).toEqual([port, chatPort]);
  const owner = new Browser(new URL(dashboard).origin, fetch);
  expect((await owner.send("POST", "/session", { email, password })).status).toBe(200);
  expect((await fetch(dashboard)).status).toBe(200);

  // nginx sends each connection to the node with the fewest, so each node has one.
  const people = [await enter(url, "Ada"), await enter(url, "Bo"), await enter(url, "Cy")];
  const [ada] = people;
  if (ada === undefined) throw new Error("Ada is there");
  expect((await ada.send("hello")).status).toBe(204);
  for (const { received } of people) await received.nextWhere("the message", isMessage("hello"));

  example.stdin?.write("k");
  await whenPrinted(/Killed the node/);
  // Whoever was on the killed node gets the message after the reconnect.
  expect((await ada.send("still there?")).status).toBe(204);
  for (const { received } of people) await received.nextWhere("the message", isMessage("still there?"));

  example.stdin?.write("s");
  await whenPrinted(/is back/);
  example.kill("SIGINT");
  const [code] = await once(example, "exit");
  expect(code).toBe(0);
});
