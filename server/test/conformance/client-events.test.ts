/** Events that clients send to each other without a backend. */
import { expect, test } from "bun:test";
import { subscribe, useServer } from "../support/use-server.ts";
import type { WireClient } from "../support/wire-client.ts";

const stage = useServer({ isShared: true });

async function enter(channel: string, userId: string): Promise<WireClient> {
  const client = await stage.raw();
  const member = channel.startsWith("presence-") ? { user_id: userId } : undefined;
  await client.subscribe(channel, stage.backend().authorizeChannel(client.socketId, channel, member));
  return client;
}

test("a client event reaches the others and not its sender", async () => {
  const sender = await stage.pusherJs();
  await subscribe(sender, "private-talk");
  const receiver = await stage.pusherJs();
  const { received } = await subscribe(receiver, "private-talk");
  const wire = await enter("private-talk", "");
  sender.channel("private-talk").trigger("client-typing", { on: true });
  expect(await received.next("the client event")).toEqual({ event: "client-typing", data: { on: true } });
  expect(await wire.next()).toEqual({ event: "client-typing", channel: "private-talk", data: '{"on":true}' });
});

test("the sender does not receive its own client event", async () => {
  const sender = await enter("private-echo", "");
  const receiver = await enter("private-echo", "");
  sender.send({ event: "client-a", channel: "private-echo", data: "text as it is" });
  expect(await receiver.next()).toEqual({
    event: "client-a",
    channel: "private-echo",
    data: "text as it is",
  });
  await sender.expectNothingMore();
});

test("a client event contains its user id on a presence channel, and on others it does not", async () => {
  const sender = await enter("presence-talk", "ada");
  const receiver = await enter("presence-talk", "bo");
  await sender.expect("pusher_internal:member_added");
  sender.send({ event: "client-b", channel: "presence-talk", data: {} });
  expect(await receiver.next()).toEqual({
    event: "client-b",
    channel: "presence-talk",
    data: "{}",
    user_id: "ada",
  });
});

test("client events are refused on public channels, without a subscription, and if the app disables them", async () => {
  const client = await enter("private-rules", "");
  await client.subscribe("open");
  client.send({ event: "client-a", channel: "open", data: {} });
  expect(await client.expectError()).toEqual({
    code: null,
    message: "Client event rejected - only supported on private and presence channels",
  });
  client.send({ event: "client-a", channel: "private-elsewhere", data: {} });
  expect((await client.expectError()).code).toBeNull();
  await stage.changeApp({ settings: { clientEventsEnabled: false } });
  client.send({ event: "client-a", channel: "private-rules", data: {} });
  expect((await client.expectError()).message).toContain(
    "To send client events, you must enable this feature",
  );
});

test("more than ten client events a second are answered with 4301, and the connection stays", async () => {
  const sender = await enter("private-fast", "");
  const receiver = await enter("private-fast", "");
  for (let n = 0; n < 30; n++) sender.send({ event: "client-n", channel: "private-fast", data: String(n) });
  const first = await sender.expectError();
  expect(first.code).toBe(4301);
  expect(first.message).toMatch(/10/);
  for (let n = 0; n < 10; n++) expect((await receiver.expect("client-n")).data).toBe(String(n));
  sender.texts.takeAll();
  sender.send({ event: "pusher:ping" });
  await sender.texts.nextWhere("the pong", (text) => text.includes("pusher:pong"));
});

test("a cache channel does not store client events", async () => {
  const sender = await enter("private-cache-talk", "");
  await sender.expect("pusher:cache_miss");
  const receiver = await enter("private-cache-talk", "");
  await receiver.expect("pusher:cache_miss");
  sender.send({ event: "client-a", channel: "private-cache-talk", data: {} });
  await receiver.expect("client-a");
  const late = await enter("private-cache-talk", "");
  await late.expect("pusher:cache_miss", "private-cache-talk");
});

test("a client event of the maximum size is accepted, and one byte more is refused", async () => {
  const sender = await enter("private-size", "");
  const receiver = await enter("private-size", "");
  sender.send({ event: "client-a", channel: "private-size", data: "x".repeat(10_240) });
  expect(String((await receiver.next()).data)).toHaveLength(10_240);
  sender.send({ event: "client-a", channel: "private-size", data: "x".repeat(10_241) });
  expect((await sender.expectError()).code).toBeNull();
});
