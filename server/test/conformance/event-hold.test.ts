/** An app that holds the events of busy channels: a stock client receives all of them, in order, a moment later. */
import { beforeEach, expect, test } from "bun:test";
import type PusherJs from "pusher-js";
import { Mailbox } from "../support/mailbox.ts";
import { type ReceivedEvent, subscribe, useServer } from "../support/use-server.ts";

/** Its drain begins while earlier events are still held. */
const stage = useServer({ env: { SOKETIFY_DRAIN_GRACE_MS: "0" } });

beforeEach(() => stage.changeApp({ settings: { eventHoldMsMax: 100 } }));

async function publish(channel: string, ...names: string[]): Promise<void> {
  const backend = stage.backend();
  for (const name of names) await backend.trigger(channel, name, {});
}

/** The names of the next `count` events. */
async function names(received: Mailbox<ReceivedEvent>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count)
    taken.push((await received.next(`event ${taken.length + 1} of ${count}`)).event);
  return taken;
}

/** The client's events on all its channels, in one order, without those of the protocol. */
function listenToAll(client: PusherJs): Mailbox<ReceivedEvent> {
  const received = new Mailbox<ReceivedEvent>();
  client.bind_global((event: string, data: unknown) => {
    if (!event.startsWith("pusher")) received.push({ event, data });
  });
  return received;
}

test("every event of a busy channel arrives, in the order of the answers, also between other channels", async () => {
  const client = await stage.pusherJs();
  for (const channel of ["busy", "quiet"]) await subscribe(client, channel);
  const received = listenToAll(client);
  const sent: string[] = [];
  for (let round = 1; round <= 5; round += 1) {
    const busy = Array.from({ length: 20 }, (_, index) => `busy-${round}-${index}`);
    await publish("busy", ...busy);
    await publish("quiet", `quiet-${round}`);
    sent.push(...busy, `quiet-${round}`);
  }
  expect(await names(received, sent.length)).toEqual(sent);
});

test("a new subscriber receives later events once, and a leaving one the earlier events", async () => {
  const steady = (await subscribe(await stage.pusherJs(), "busy")).received;
  const late = await stage.pusherJs();
  await publish("busy", "1", "2", "3");
  const { received } = await subscribe(late, "busy");
  await publish("busy", "4", "5");
  expect(await names(received, 2)).toEqual(["4", "5"]);
  late.unsubscribe("busy");
  await stage.subscriptionsCounted("busy", 1);
  const again = (await subscribe(late, "busy")).received;
  await publish("busy", "6");
  expect(await names(again, 1)).toEqual(["6"]);
  expect(await names(steady, 6)).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect([received.takeAll(), again.takeAll(), steady.takeAll()]).toEqual([[], [], []]);
});

test("member changes keep their order among the events", async () => {
  const room = "presence-busy";
  const ada = (await subscribe(await stage.pusherJs({ userId: "ada" }), room)).received;
  const bo = await stage.pusherJs({ userId: "bo" });
  await publish(room, "1", "2");
  const boReceived = (await subscribe(bo, room)).received;
  await publish(room, "3", "4");
  expect(await names(boReceived, 2)).toEqual(["3", "4"]);
  bo.unsubscribe(room);
  expect(await names(ada, 6)).toEqual(["1", "2", "pusher:member_added", "3", "4", "pusher:member_removed"]);
});

test("client events keep their order and reach the others even if their sender has disconnected", async () => {
  // Over HTTP pusher-js sends each event with a request of its own, which may overtake another.
  const sender = await stage.pusherJs({}, { enabledTransports: ["ws"] });
  const receiver = (await subscribe(await stage.pusherJs(), "private-talk")).received;
  const { received } = await subscribe(sender, "private-talk");
  for (const name of ["client-1", "client-2", "client-3"]) sender.channel("private-talk").trigger(name, {});
  expect(await names(receiver, 1)).toEqual(["client-1"]);
  sender.disconnect();
  expect(await names(receiver, 2)).toEqual(["client-2", "client-3"]);
  expect(received.takeAll()).toEqual([]);
});

test("a cache channel sends its newest event immediately, held or not, and no older one after it", async () => {
  await subscribe(await stage.pusherJs(), "cache-busy");
  await publish("cache-busy", "1", "2", "3");
  const { received } = await subscribe(await stage.pusherJs(), "cache-busy");
  await publish("cache-busy", "4");
  expect(await names(received, 2)).toEqual(["3", "4"]);
});

test("a server that stops sends held events before it closes", async () => {
  // A client that polls requests the reason with its next poll, which may arrive too late.
  const client = await stage.webSocket();
  await client.subscribe("busy");
  await publish("busy", "1", "2", "3");
  const stopped = stage.server.stop("SIGTERM");
  for (const name of ["1", "2", "3"]) expect((await client.next()).event).toBe(name);
  expect((await client.waitForClose()).code).toBe(4200);
  await stopped;
  await stage.server.start();
});
