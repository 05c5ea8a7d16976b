/** The admin API of one node covers all nodes, and names a node that does not answer. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { RedisClient } from "bun";
import type { LiveEntry } from "../../src/admin-api/contracts/live.ts";
import { readServerSentEvents } from "../../src/cli/server-sent-events.ts";
import { type SilentNode, startSilentNode } from "../support/fakes/silent-node.ts";
import { sign, signedPath } from "../support/net/http-request.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { runSoketifyBeside } from "../support/run-soketify.ts";
import { directTo, type RunningCluster, startCluster } from "../support/start-cluster.ts";
import { until } from "../support/until.ts";
import { answered, whole } from "../support/whole-answer.ts";

setDefaultTimeout(120_000);

type Direct = ReturnType<typeof directTo>;

let cluster: RunningCluster;
let a: Direct;
let b: Direct;
const app = "/apps/{appId}";
const connection = `${app}/connections/{socketId}` as const;
let path: { readonly appId: string };
const clients: RawClient[] = [];
let silent: SilentNode | null = null;

beforeAll(async () => {
  cluster = await startCluster(2);
  const [first, second] = cluster.nodes;
  if (first === undefined || second === undefined) throw new Error("There are two nodes");
  [a, b] = [directTo(first), directTo(second)];
  path = { appId: first.app.id };
  await until("two nodes", async () => (await nodesOf(a)).length === 2 && (await nodesOf(b)).length === 2);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.tcp.destroy();
  await silent?.die();
  silent = null;
});
afterAll(() => cluster?.remove());

async function nodesOf({ admin }: Direct) {
  return (await admin.call("GET /nodes", {})).nodes;
}

async function connect(node: Direct, channel: string): Promise<RawClient> {
  const client = await RawClient.connect(node.webSocketUrl());
  clients.push(client);
  client.send({ event: "pusher:subscribe", data: { channel } });
  await client.expect("pusher_internal:subscription_succeeded");
  return client;
}

test("connections of all nodes are one paginated list, and one is shown and closed on any node", async () => {
  const onA = await connect(a, "news");
  const onB = await connect(b, "news");
  const list = (query: { limit?: number; cursor?: string }) => () =>
    a.admin.call(`GET ${app}/connections`, { path, query: { channel: "news", ...query } });
  const { connections } = await whole(list({}));
  expect(connections.map(({ socketId, node }) => [socketId, node?.name])).toEqual([
    [onA.socketId, "node-a"],
    [onB.socketId, "node-b"],
  ]);
  const first = await whole(list({ limit: 1 }));
  const second = await whole(list({ limit: 1, cursor: first.nextCursor ?? "" }));
  expect([first.total, second.nextCursor]).toEqual([2, null]);
  expect([...first.connections, ...second.connections]).toMatchObject([
    { socketId: onA.socketId },
    { socketId: onB.socketId },
  ]);
  const one = { path: { ...path, socketId: onB.socketId } };
  const shown = () => answered(() => a.admin.call(`GET ${connection}`, one));
  expect(await answered(() => a.admin.call(`GET ${connection}/timeline`, one))).toMatchObject({
    node: { name: "node-b" },
    timeline: { closed: null, steps: [{ type: "subscribed", channel: "news" }] },
  });
  expect((await shown()).connection).toMatchObject({ node: { name: "node-b" } });

  await a.admin.call(`DELETE ${connection}`, one);
  expect(await onB.closed).toMatchObject({ code: 4009 });
  const closed = await whole(
    () => a.admin.call(`GET ${app}/connections/closed`, { path }),
    (answer) => answer.connections.length === 1,
  );
  expect(closed.connections).toMatchObject([
    { socketId: onB.socketId, code: 4009, node: { name: "node-b" } },
  ]);
  await expect(shown()).rejects.toThrow("connection_not_found");
});

test("the stored activity of all nodes is one list, newest first", async () => {
  const onA = await connect(a, "past-news");
  const onB = await connect(b, "past-news");
  const query = { from: new Date(0).toISOString(), channel: "past-*" };
  const { entries } = await whole(
    () => a.admin.call(`GET ${app}/activity`, { path, query }),
    (answer) => answer.entries.length === 2,
  );
  // Both may have happened in the same millisecond.
  const found = entries.map(
    (entry) => entry.type === "subscribed" && `${entry.node?.name} ${entry.socketId}`,
  );
  expect(found.toSorted()).toEqual([`node-a ${onA.socketId}`, `node-b ${onB.socketId}`]);
  const times = entries.map(({ at }) => at);
  expect(times).toEqual(times.toSorted().toReversed());
  expect(new Set(entries.map(({ id }) => id)).size).toBe(2);
});

test("a channel, the errors and the figures of an app cover all nodes", async () => {
  await connect(a, "room");
  const onB = await connect(b, "room");
  const { channel } = await whole(() =>
    a.admin.call(`GET ${app}/channels/{channel}`, { path: { ...path, channel: "room" } }),
  );
  expect(channel.subscriptionCount).toBe(2);
  expect(channel.subscribers.map(({ node }) => node?.name)).toEqual(["node-a", "node-b"]);
  onB.send({ event: "pusher:subscribe", data: { channel: "private-room", auth: "wrong" } });
  await onB.expect("pusher:subscription_error");
  const { errors } = await whole(
    () => a.admin.call(`GET ${app}/errors`, { path }),
    (answer) => answer.errors.length > 0,
  );
  expect(errors).toMatchObject([{ type: "message_refused", node: { name: "node-b" } }]);
  await until("the count of both nodes", async () => {
    const { app } = await a.admin.call("GET /apps/{appId}", { path });
    return app.connectionCount === 2;
  });
  await whole(
    () => a.admin.call(`GET ${app}/stats`, { path, query: { intervals: 2 } }),
    ({ points }) => points.at(-1)?.connections === 2 && Number(points.at(-1)?.connectionsPeak) >= 2,
  );
});

/** Reads the live feed of node a until `end()`. */
async function watch(type: LiveEntry["type"]) {
  const leaving = new AbortController();
  const feed = await fetch(`${a.adminUrl}/api/v1/apps/${path.appId}/live?type=${type}`, {
    headers: { authorization: `Bearer ${cluster.front.adminToken}` },
    signal: leaving.signal,
  });
  const received: LiveEntry[] = [];
  const reading = async () => {
    for await (const { name, data } of readServerSentEvents(feed))
      if (name === "activity") received.push(JSON.parse(data) as LiveEntry);
  };
  const ended = reading().catch(() => undefined);
  const end = () => {
    leaving.abort();
    return ended;
  };
  return { received, end };
}

async function metric({ adminUrl }: Direct, name: string): Promise<number> {
  const page = await (await fetch(`${adminUrl}/metrics`)).text();
  return Number(new RegExp(`^soketify_cluster_${name} (.+)$`, "m").exec(page)?.[1]);
}

test("the live feed of a node contains the activity of all nodes, each entry with its node", async () => {
  const { received, end } = await watch("subscribed");
  await until("entries of both nodes", async () => {
    for (const node of [a, b]) (await connect(node, "live")).tcp.destroy();
    return new Set(received.map(({ node }) => node?.name)).size === 2;
  });
  expect(new Set(received.map(({ id }) => id)).size).toBe(received.length);
  expect(received.every((entry) => entry.type === "subscribed" && entry.channel === "live")).toBe(true);
  await end();
});

test("a change by the command takes effect on each node immediately, over the data folder and over a URL", async () => {
  const clients = [await connect(a, "cli"), await connect(b, "cli")];
  const here = ["--data-dir", cluster.front.dataDir];
  const disabled = await runSoketifyBeside("", "app", "update", path.appId, "--disable", ...here);
  expect(disabled).toMatchObject({ code: 0, errors: "" });
  for (const client of clients) expect(await client.closed).toMatchObject({ code: 4003 });
  const token = cluster.front.adminToken;
  const where = ["--url", a.adminUrl, "--token-file", "-"];
  const enabled = await runSoketifyBeside(token, "app", "update", path.appId, "--enable", ...where);
  expect(enabled).toMatchObject({ code: 0, errors: "" });
  for (const node of [a, b]) await connect(node, "cli");
});

test("a change of an app over one node is effective on the other when the answer arrives", async () => {
  for (const isEnabled of [false, true, false, true, false, true]) {
    await a.admin.call("PATCH /apps/{appId}", { path, body: { isEnabled } });
    const client = await RawClient.open(b.webSocketUrl());
    clients.push(client);
    await client.expect(isEnabled ? "pusher:connection_established" : "pusher:error");
  }
});

test("the HTTP API of each node counts the app's connections on all nodes", async () => {
  const { app } = cluster.front;
  const path = `/apps/${app.id}/connections`;
  await connect(a, "counted-on-a");
  await connect(b, "counted-on-b");
  for (const node of [a, b])
    await until("both connections", async () => {
      const answer = await fetch(`${node.adminUrl}${signedPath(app, { method: "GET", path })}`);
      return (await answer.text()) === '{"connections":2}';
    });
});

test("terminating a user over one node closes the connections on the other", async () => {
  const { app } = cluster.front;
  const onB = await RawClient.connect(b.webSocketUrl());
  clients.push(onB);
  const userData = '{"id":"ada"}';
  const auth = `${app.key}:${sign(app.secret, `${onB.socketId}::user::${userData}`)}`;
  onB.send({ event: "pusher:signin", data: { auth, user_data: userData } });
  await onB.expect("pusher:signin_success");
  const path = signedPath(app, { method: "POST", path: `/apps/${app.id}/users/ada/terminate_connections` });
  expect((await fetch(`${a.adminUrl}${path}`, { method: "POST" })).status).toBe(200);
  expect(await onB.waitForClose()).toMatchObject({ code: 4009 });
});

test("the metrics of a node include its communication with the others", async () => {
  await whole(() => a.admin.call(`GET ${app}/errors`, { path }));
  const onA = await connect(a, "counted");
  await a.admin.call(`POST ${app}/events`, { path, body: { name: "e", data: "{}", channels: ["counted"] } });
  await onA.expect("e");
  expect([2, 3]).toContain(await metric(a, "nodes"));
  for (const name of ["bus_received", "bus_sent", "broker_received", "broker_published"])
    expect(await metric(a, `${name}_total`)).toBeGreaterThan(0);
  expect(await metric(a, "round_trip_seconds")).toBeGreaterThan(0);
  expect(await metric(a, "ignored_total")).toBe(0);
});

test("live entries of an unknown release are dropped and counted", async () => {
  const { received, end } = await watch("subscribed");
  const redis = new RedisClient(cluster.redis.url);
  const topic = `soketify:topic:${encodeURIComponent(`live ${path.appId}`)}`;
  await until("the node to listen", async () => {
    const ofOther = { v: 2, entries: [{ type: "subscribed" }] };
    return Number(await redis.send("SPUBLISH", [topic, JSON.stringify(ofOther)])) > 0;
  });
  redis.close();
  await until("the count", async () => (await metric(a, "ignored_total")) === 1);
  expect(received).toEqual([]);
  await end();
});

test("a lost link during which events may be missed is in the metrics, the log and the live feed", async () => {
  await connect(a, "without-history");
  const gapsBefore = await metric(a, "gaps_total");
  const { received, end } = await watch("events_missed");
  cluster.link.cut();
  const entry = await until("the entry of the node", () =>
    received.find(({ node }) => node?.name === "node-a"),
  );
  expect(entry).toMatchObject({ type: "events_missed", channelCount: 1 });
  expect(await metric(a, "gaps_total")).toBeGreaterThan(gapsBefore);
  await until("the log", () => cluster.front.log.includes("channels without history may have missed events"));
  await end();
});

test("a node that does not answer is named in each answer, and its connections are not reported as missing", async () => {
  silent = await startSilentNode(cluster.redis.url, "node-c");
  await until("three nodes", async () => (await nodesOf(a)).length === 3);
  const nobody = { path: { ...path, socketId: "1.1" } };
  const answers = Promise.all([
    a.admin.call(`GET ${app}/connections`, { path }),
    a.admin.call(`GET ${app}/connections/closed`, { path }),
    a.admin.call(`GET ${app}/channels/{channel}`, { path: { ...path, channel: "room" } }),
    a.admin.call(`GET ${app}/errors`, { path }),
    a.admin.call(`GET ${app}/stats`, { path }),
    a.admin.call(`GET ${app}/secrets`, { path }),
  ]);
  const refusals = Promise.all(
    ([`GET ${connection}`, `GET ${connection}/timeline`, `DELETE ${connection}`] as const).map((route) =>
      a.admin.call(route, nobody).then(
        () => "answered",
        (error: Error) => error.message,
      ),
    ),
  );
  for (const { unanswered } of await answers)
    expect(unanswered).toContainEqual({ id: silent.id, name: "node-c" });
  for (const refusal of await refusals) {
    expect(refusal).toContain("nodes_unanswered");
    expect(refusal).toContain("node-c");
  }
});

test("the API and the command list the nodes, and show one that died with this state", async () => {
  silent = await startSilentNode(cluster.redis.url, "node-d");
  await until("the third node", async () => (await nodesOf(a)).some(({ name }) => name === "node-d"));
  await silent.die();
  silent = null;
  const nodes = await until("its death", async () => {
    const found = await nodesOf(b);
    return found.some(({ name, state }) => name === "node-d" && state === "died") && found;
  });
  expect(nodes.flatMap(({ name, state }) => (state === "died" ? [] : [name]))).toEqual(["node-a", "node-b"]);
  const { output, errors } = await runSoketifyBeside("", "nodes", "--data-dir", cluster.front.dataDir);
  expect(errors).toBe("");
  const head = "name +state +version +up +connections +cpu +lag +memory +redis +last seen +id";
  expect(output).toMatch(new RegExp(`^${head} *\nnode-a .*\nnode-b .*\n(.*\n)*node-d +died `));
});
