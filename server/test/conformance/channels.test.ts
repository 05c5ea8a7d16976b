/** Every channel type except presence, with stock clients and backends. */
import { expect, test } from "bun:test";
import { until } from "../support/until.ts";
import { listen, subscribe, useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });

test("an event on a public channel reaches a subscriber with unchanged data", async () => {
  const { received } = await subscribe(await stage.pusherJs(), "news");
  const data = { text: 'snow ❄ and "quotes"', n: 1.5, list: [null, true] };
  const answer = await stage.backend().trigger("news", "payment:completed", data);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("{}");
  expect(await received.next("the event")).toEqual({ event: "payment:completed", data });
});

test("data that is a plain string arrives as the same string", async () => {
  const client = await stage.raw();
  await client.subscribe("strings");
  await stage.backend().trigger("strings", "line", "not JSON: {");
  expect(await client.next()).toEqual({ event: "line", channel: "strings", data: "not JSON: {" });
});

test("one trigger publishes to several channels, each under its own name", async () => {
  const client = await stage.raw();
  await client.subscribe("north");
  await client.subscribe("south");
  await stage.backend().trigger(["north", "south"], "wind", { knots: 12 });
  const first = await client.expect("wind");
  const second = await client.expect("wind");
  expect([first.channel, second.channel].sort()).toEqual(["north", "south"]);
});

test("a client with too many channels stays connected, and is subscribed up to the maximum", async () => {
  const client = await stage.pusherJs();
  const socketId = client.connection.socket_id;
  const answers = { succeeded: 0, refused: 0 };
  for (let number = 0; number < 2_500; number++) {
    const channel = client.subscribe(`crowd-${number}`);
    channel.bind("pusher:subscription_succeeded", () => {
      answers.succeeded += 1;
    });
    channel.bind("pusher:subscription_error", () => {
      answers.refused += 1;
    });
  }
  await until("an answer for each", () => answers.succeeded + answers.refused === 2_500);
  expect(answers).toEqual({ succeeded: 1_000, refused: 1_500 });
  expect([client.connection.state, client.connection.socket_id]).toEqual(["connected", socketId]);
});

test("a client that stops reading its answers for a while receives all of them later", async () => {
  await stage.changeApp({ settings: { channelsPerConnectionMax: 20_000 } });
  const client = await stage.webSocket();
  client.tcp.pause();
  const asked = 12_000;
  const channel = `private-${"x".repeat(150)}`;
  for (let sent = 0; sent < asked; sent++) client.send({ event: "pusher:subscribe", data: { channel } });
  await until("the server took them all", () => client.tcp.writableLength === 0);
  client.tcp.resume();
  for (let left = asked; left > 0; left--) await client.texts.nextWhere("a refusal", isRefusal);
  client.send({ event: "pusher:ping", data: {} });
  await client.texts.nextWhere("a pong", (text) => text.includes("pusher:pong"));
});

function isRefusal(text: string): boolean {
  return text.includes('"pusher:subscription_error"');
}

test("an authorized client receives events of a private channel", async () => {
  const { received } = await subscribe(await stage.pusherJs(), "private-room");
  await stage.backend().trigger("private-room", "note", { a: 1 });
  expect(await received.next("the event")).toEqual({ event: "note", data: { a: 1 } });
});

test("a private subscription whose signature covers channel_data is accepted", async () => {
  const client = await stage.raw();
  const channelData = JSON.stringify({ user_id: "7" });
  const { auth } = stage.backend().authorizeChannel(client.socketId, "private-signed");
  const signedWithData = stage
    .backend()
    .authorizeChannel(client.socketId, "private-signed", { user_id: "7" });
  await client.subscribe("private-signed", { auth: signedWithData.auth, channel_data: channelData });
  client.send({ event: "pusher:unsubscribe", data: { channel: "private-signed" } });
  client.send({
    event: "pusher:subscribe",
    data: { channel: "private-signed", auth, channel_data: channelData },
  });
  expect((await client.next()).event).toBe("pusher:subscription_error");
});

test("a channel whose name only starts like private needs no authorization", async () => {
  const client = await stage.raw();
  await client.subscribe("privateer");
  await client.subscribe("presences");
});

test("an encrypted payload is readable only by the subscriber", async () => {
  const backend = stage.backend();
  const wire = await stage.raw();
  const { auth } = backend.authorizeChannel(wire.socketId, "private-encrypted-safe");
  await wire.subscribe("private-encrypted-safe", { auth });
  const { received } = await subscribe(await stage.pusherJs(), "private-encrypted-safe");
  await backend.trigger("private-encrypted-safe", "secret", { code: "open sesame" });
  expect(await received.next("the decrypted event")).toEqual({
    event: "secret",
    data: { code: "open sesame" },
  });
  const onTheWire = await wire.expect("secret");
  expect(Object.keys(onTheWire.json as object).sort()).toEqual(["ciphertext", "nonce"]);
  expect(JSON.stringify(onTheWire)).not.toContain("sesame");
});

test("a client that unsubscribed receives nothing more", async () => {
  const client = await stage.raw();
  await client.subscribe("brief");
  client.send({ event: "pusher:unsubscribe", data: { channel: "brief" } });
  await client.expectNothingMore();
  await stage.backend().trigger("brief", "late", {});
  await client.expectNothingMore();
});

test("pusher-js may unsubscribe and subscribe again", async () => {
  const client = await stage.pusherJs();
  await subscribe(client, "again");
  client.unsubscribe("again");
  await stage.subscriptionsCounted("again", 0);
  const { received } = await subscribe(client, "again");
  await stage.backend().trigger("again", "back", {});
  expect((await received.next("the event")).event).toBe("back");
});

test("a channel sends its subscription count if the app enables it, except presence channels", async () => {
  await stage.changeApp({ settings: { subscriptionCountEnabled: true } });
  const first = await stage.raw();
  await first.subscribe("counted");
  expect((await first.expect("pusher_internal:subscription_count")).json).toEqual({ subscription_count: 1 });
  const second = await stage.pusherJs();
  await subscribe(second, "counted");
  expect((await first.expect("pusher_internal:subscription_count")).json).toEqual({ subscription_count: 2 });
  second.unsubscribe("counted");
  expect((await first.expect("pusher_internal:subscription_count")).json).toEqual({ subscription_count: 1 });
  await first.subscribe(
    "presence-uncounted",
    stage.backend().authorizeChannel(first.socketId, "presence-uncounted", { user_id: "1" }),
  );
  await first.expectNothingMore();
});

test("pusher-js shows the subscription count on the channel", async () => {
  await stage.changeApp({ settings: { subscriptionCountEnabled: true } });
  const client = await stage.pusherJs();
  const channel = client.subscribe("shown-count");
  const received = listen(channel);
  const count = await received.nextWhere("the count", ({ event }) => event === "pusher:subscription_count");
  expect(count.data).toEqual({ subscription_count: 1 });
  expect<number | null>(channel.subscriptionCount).toBe(1);
});
