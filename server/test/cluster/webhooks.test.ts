/** A webhook that was created on one node, for events on another one: one node at a time delivers, and another takes over. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { RawClient } from "../support/net/raw-client.ts";
import { directTo, type RunningCluster, startCluster } from "../support/start-cluster.ts";
import type { RunningServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";
import {
  type ReceiverOptions,
  startWebhookReceiver,
  type WebhookReceiver,
} from "../support/webhook-receiver.ts";
import { enter } from "../support/webhook-stage.ts";

setDefaultTimeout(120_000);

const channel = "presence-room";
const webhooks = "/apps/{appId}/webhooks";
const webhook = `${webhooks}/{webhookId}` as const;

let cluster: RunningCluster;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  cluster = await startCluster(2, { env: { SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8" } });
  cleanups.push(() => cluster.remove());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Creates a webhook over the first node. Returns its receiver, and the path of its endpoints. */
async function addWebhook(answer: ReceiverOptions["answer"] = () => new Response()) {
  const { app } = cluster.front;
  const receiver = startWebhookReceiver({ ...app, answer });
  cleanups.push(() => receiver.stop());
  const created = await adminOf(nodeAt(0)).call(`POST ${webhooks}`, {
    path: { appId: app.id },
    body: { url: receiver.url, events: ["channel_occupied", "member_added", "client_event"] },
  });
  return { receiver, path: { appId: app.id, webhookId: created.webhook.id } };
}

/** A webhook whose receiver answers the first request for "held", the request of this number, only after `resolve`. */
async function addHoldingWebhook(heldNumber: number) {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const added = await addWebhook(({ events: [event] }) => {
    const isHeld = event?.data === "held" && said(added.receiver).length === heldNumber;
    return isHeld ? promise : new Response();
  });
  return { ...added, resolve };
}

type Path = Awaited<ReturnType<typeof addWebhook>>["path"];

function nodeAt(index: number): RunningServer {
  const node = cluster.nodes[index];
  if (node === undefined) throw new Error(`There is no node ${index}`);
  return node;
}

function adminOf(node: RunningServer) {
  return directTo(node).admin;
}

async function delivers(node: RunningServer, path: Path): Promise<boolean> {
  const answer = await adminOf(node).call(`GET ${webhook}`, { path });
  return answer.webhook.health.failuresInARow !== null;
}

/** The node that delivers, and the other one. */
function roles(path: Path): Promise<readonly [RunningServer, RunningServer]> {
  return until("exactly one node to deliver", async () => {
    const [first, second] = [nodeAt(0), nodeAt(1)];
    const isFirst = await delivers(first, path);
    if (isFirst === (await delivers(second, path))) return false;
    return isFirst ? ([first, second] as const) : ([second, first] as const);
  });
}

/** A member of the channel on this node. */
async function member(node: RunningServer, userId: string): Promise<RawClient> {
  const client = await RawClient.connect(directTo(node).webSocketUrl());
  cleanups.push(() => client.tcp.destroy());
  await enter({ server: cluster.front }, client, channel, userId);
  return client;
}

function say(client: RawClient, data: string): void {
  client.send({ event: "client-said", channel, data });
}

/** The stored deliveries, oldest first, once none is pending. */
function finished(node: RunningServer, path: Path) {
  return until("no pending delivery", async () => {
    const { deliveries } = await adminOf(node).call(`GET ${webhook}/deliveries`, { path });
    return deliveries.every(({ state }) => state !== "pending") && deliveries.toReversed();
  });
}

function said({ requests }: Pick<WebhookReceiver, "requests">) {
  return requests.flatMap(({ events }) =>
    events.flatMap(({ name, data }) => (name === "client_event" ? [data] : [])),
  );
}

test("a webhook of one node gets each event of the other node once", async () => {
  const { receiver, path } = await addWebhook();
  const onB = await member(nodeAt(1), "ada");
  say(onB, "hello");
  const occupied = { name: "channel_occupied", channel };
  const events = [
    occupied,
    { name: "member_added", channel, user_id: "ada" },
    {
      name: "client_event",
      channel,
      event: "client-said",
      data: "hello",
      socket_id: onB.socketId,
      user_id: "ada",
    },
  ];
  await receiver.eventCount(events.length);
  for (const node of cluster.nodes) {
    const deliveries = await finished(node, path);
    expect(deliveries).toMatchObject(events.map((event) => ({ event, state: "delivered", attempts: 1 })));
  }
  expect(receiver.events()).toEqual(events);
  expect(receiver.requests).toHaveLength(events.length);
});

test("a change over the node that does not deliver ends the pause that the receiver asked for", async () => {
  let isOver = false;
  const later = { status: 503, headers: { "Retry-After": "250" } };
  const { receiver, path } = await addWebhook(() => new Response(null, isOver ? {} : later));
  const [deliverer, other] = await roles(path);
  await member(other, "ada");
  await until("the pause", async () => {
    const { health } = (await adminOf(deliverer).call(`GET ${webhook}`, { path })).webhook;
    return health.failuresInARow === 1;
  });
  isOver = true;
  const client = await RawClient.connect(directTo(other).webSocketUrl());
  cleanups.push(() => client.tcp.destroy());
  await enter({ server: cluster.front }, client, "another");
  await until("the event to be stored", async () => {
    const { deliveries } = await adminOf(other).call(`GET ${webhook}/deliveries`, { path });
    return deliveries.some(({ event }) => isOf(event, "another"));
  });
  await adminOf(other).call(`PATCH ${webhook}`, { path, body: { batching: false } });
  expect(await receiver.eventCount(1)).toEqual([{ name: "channel_occupied", channel: "another" }]);
});

function isOf(event: unknown, name: string): boolean {
  return typeof event === "object" && event !== null && "channel" in event && event.channel === name;
}

test("after the delivering node was killed, the other node sends unanswered requests again, and later events", async () => {
  const { receiver, path, resolve } = await addHoldingWebhook(2);
  const [deliverer, other] = await roles(path);
  const client = await member(other, "ada");
  say(client, "before");
  say(client, "held");
  await until("the request without an answer", () => said(receiver).length === 2);
  await deliverer.kill();
  say(client, "after");
  await receiver.eventCount(5);
  resolve(new Response());
  const deliveries = await finished(other, path);
  expect(deliveries.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => "delivered"));
  expect(said(receiver)).toEqual(["before", "held", "held", "after"]);
  const held = receiver.requests.filter(({ events }) => events[0]?.data === "held");
  expect(new Set(held.map(({ id }) => id)).size).toBe(1);
  expect(await delivers(other, path)).toBe(true);
});

test("a suspended node sends and records nothing after the other node has taken over", async () => {
  const { receiver, path, resolve } = await addHoldingWebhook(1);
  const [deliverer, other] = await roles(path);
  const client = await member(other, "ada");
  say(client, "held");
  await until("the request without an answer", () => said(receiver).length === 1);
  const { servingPid } = deliverer;
  process.kill(servingPid, "SIGSTOP");
  say(client, "after");
  await receiver.eventCount(4);
  const before = await finished(other, path);
  resolve(new Response("too late"));
  process.kill(servingPid, "SIGCONT");
  const late = await member(deliverer, "bo");
  say(late, "last");
  await receiver.eventCount(7);
  await until("the suspended node to stop delivering", async () => !(await delivers(deliverer, path)));
  const after = await finished(deliverer, path);
  expect(after.slice(0, -2)).toEqual(before);
  expect(said(receiver)).toEqual(["held", "held", "after", "last"]);
});
