import { heapStats } from "bun:jsc";
import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { fakeConnection } from "../../../test/support/fakes/fake-socket.ts";
import { somebody } from "../../../test/support/management.ts";
import { fromNowhere } from "../../../test/support/net/from-nowhere.ts";
import type { LiveQuery } from "../contracts/live.ts";

interface Received {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const params = { appId: "1" };
let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  await server.management.addApp(somebody, { id: "1" });
});

test("a watcher receives the activity of its app only", async () => {
  const stream = await watch();
  publish("greeting", "1");
  publish("elsewhere", "2");
  server.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "a" });
  expect((await stream.next(2)).map(({ data }) => data.type)).toEqual(["event_published", "channel_vacated"]);
});

test("filters are combined with and, and a trailing star matches any suffix", async () => {
  const stream = await watch({ query: { type: "event_published,client_event", channel: "chat-*" } });
  publish("dropped", "1", ["other"]);
  server.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "chat-1" });
  publish("wanted", "1", ["other", "chat-1"]);
  expect((await stream.next(1)).map(({ data }) => data.event)).toEqual(["wanted"]);
});

test("a watcher of one socket receives only its entries", async () => {
  const stream = await watch({ query: { socketId: "2.2" } });
  for (const socketId of ["1.1", "2.2"]) {
    const { connection } = fakeConnection(socketId, "1");
    server.activity.emit({ type: "connection_opened", appId: "1", connection });
  }
  expect((await stream.next(1))[0]?.data).toMatchObject({ socketId: "2.2", client: "js" });
});

test("a watcher of one user receives the close of a member without a sign-in", async () => {
  const stream = await watch({ query: { userId: "ada" } });
  for (const userId of ["bob", "ada"]) {
    const { connection } = fakeConnection(`1.${userId.length}`, "1");
    const memberships = [{ userId, channel: "presence-a" }];
    const closed = { appId: "1", connection, memberships, code: 1000, reason: "" };
    server.activity.emit({ type: "connection_closed", ...closed });
  }
  expect((await stream.next(1))[0]?.data).toMatchObject({ memberships: [{ userId: "ada" }] });
});

test("a watcher who reconnects soon misses nothing", async () => {
  const stream = await watch();
  publish("one", "1");
  const [seen] = await stream.next(1);
  await stream.cancel();
  publish("two", "1");
  const again = await watch({ headers: { "last-event-id": seen?.id ?? "" } });
  publish("three", "1");
  expect((await again.next(2)).map(({ data }) => data.event)).toEqual(["two", "three"]);
});

test("a watcher with a new filter receives the matching stored entries", async () => {
  const stream = await watch({ query: { channel: "a" } });
  publish("one", "1", ["a"]);
  publish("two", "1", ["b"]);
  const other = await watch({ query: { channel: "b", after: "kept" } });
  publish("three", "1", ["b"]);
  expect((await other.next(2)).map(({ data }) => data.event)).toEqual(["two", "three"]);
  const [seen] = await stream.next(1);
  const third = await watch({ query: { after: seen?.id ?? "" } });
  expect((await third.next(2)).map(({ data }) => data.event)).toEqual(["two", "three"]);
});

test("a watcher without received entries, or with all of them filtered out, can still resume", async () => {
  const response = await server.send("live", { params, query: { channel: "a" } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const position = async () => /^id: (.*)\nevent: position$/m.exec((await reader?.read())?.value ?? "")?.[1];
  const atFirst = await position();
  publish("one", "1", ["b"]);
  server.management.clock.advance(10_000);
  const later = await position();
  publish("two", "1", ["b"]);
  const [all, newest] = [
    await watch({ query: { after: atFirst ?? "" } }),
    await watch({ query: { after: later ?? "" } }),
  ];
  expect((await all.next(2)).map(({ data }) => data.event)).toEqual(["one", "two"]);
  expect((await newest.next(1)).map(({ data }) => data.event)).toEqual(["two"]);
});

test("a watcher who reconnects too late receives a gap", async () => {
  const stream = await watch();
  publish("one", "1");
  const [seen] = await stream.next(1);
  await stream.cancel();
  server.management.clock.advance(60_000);
  const again = await watch({ headers: { "last-event-id": seen?.id ?? "" } });
  expect(await again.next(1)).toMatchObject([
    { event: "gap", data: { dropped: null, reason: "resumedTooLate" } },
  ]);
});

test("a watcher who reconnects after more entries than are stored receives the number of missing ones", async () => {
  const stream = await watch();
  publish("one", "1");
  const [seen] = await stream.next(1);
  await stream.cancel();
  for (let count = 0; count < 2_500; count++) publish("more", "1");
  const again = await watch({ headers: { "last-event-id": seen?.id ?? "" } });
  const [gap, next] = await again.next(2);
  const sequence = Number(next?.id.split("-")[1]);
  expect(gap).toMatchObject({ event: "gap", data: { dropped: sequence - 2 } });
});

test("entries for a slow watcher are dropped and counted, and others are not delayed", async () => {
  const stream = await watch();
  const total = 1_000;
  for (let count = 0; count < total; count++) publish("more", "1", ["a"], "x".repeat(4_000));
  const received = await stream.until((one) => one.event === "gap");
  const dropped = Number(received.at(-1)?.data.dropped);
  expect(dropped).toBeGreaterThan(0);
  expect(received.length - 1 + dropped).toBe(total);
});

test("a long payload is truncated and marked", async () => {
  const stream = await watch();
  publish("long", "1", ["a"], "é".repeat(5_000));
  const [entry] = await stream.next(1);
  expect(entry?.data.payload).toEqual({ text: "é".repeat(4_096), bytes: 10_000, isClipped: true });
});

test("the stream ends when the token is revoked", async () => {
  const made = await server.call("createToken", { body: { name: "watcher", scopes: ["app:1"] } });
  const stream = await watch({ token: made.token.value });
  await server.call("deleteToken", { params: { tokenId: made.token.id } });
  server.management.clock.advance(10_000);
  expect(await stream.next(1)).toMatchObject([{ event: "end", data: { reason: "unauthorized" } }]);
  expect(await stream.isOver()).toBe(true);
});

test("after the token is revoked no entry is sent, including those in the queue", async () => {
  const made = await server.call("createToken", { body: { name: "watcher", scopes: ["app:1"] } });
  const stream = await watch({ token: made.token.value });
  publish("before", "1");
  expect((await stream.next(1)).map(({ data }) => data.event)).toEqual(["before"]);
  const other = await watch();
  await server.call("deleteToken", { params: { tokenId: made.token.id } });
  publish("after", "1");
  expect(await stream.next(1)).toMatchObject([{ event: "end", data: { reason: "unauthorized" } }]);
  expect(await stream.isOver()).toBe(true);
  expect((await other.next(1)).map(({ data }) => data.event)).toEqual(["after"]);
});

test("a permission that another node removed ends the stream, too", async () => {
  const made = await server.call("createToken", { body: { name: "watcher", scopes: ["app:1"] } });
  const stream = await watch({ token: made.token.value });
  await server.tokens.revoke(made.token.id, 0);
  server.api.recheckAccess();
  publish("after", "1");
  expect(await stream.next(1)).toMatchObject([{ event: "end", data: { reason: "unauthorized" } }]);
});

test("one token cannot use all streams of an app", async () => {
  const token = await server.token(["app:1"]);
  const streams = [];
  for (let count = 0; count < 10; count += 1) streams.push(await watch({ token }));
  const { code, detail } = await server.refusal("live", { params, token });
  expect(code).toBe("too_many_watchers");
  expect(detail).toContain("has 10 live streams open here: close one of them first");
  await watch({ token: await server.token(["read"]) });
  await streams[0]?.cancel();
  await watch({ token });
});

test("little of a large payload is stored", async () => {
  const stream = await watch();
  await stream.cancel();
  const heapBytes = () => {
    Bun.gc(true);
    const { heapSize, extraMemorySize } = heapStats();
    return heapSize + extraMemorySize;
  };
  const before = heapBytes();
  // Each is a separate text, like a received one: a stored part must not keep all of it in memory.
  for (let count = 0; count < 200; count += 1)
    publish(`large-${count}`, "1", ["a"], Buffer.alloc(1_000_000, `payload ${count} `).toString());
  expect(heapBytes() - before).toBeLessThan(20_000_000);
  const again = await watch({ query: { after: "kept" } });
  expect((await again.next(200)).at(-1)?.data.event).toBe("large-199");
});

test("the stream ends when the app is deleted and when the server stops", async () => {
  const first = await watch();
  server.api.close();
  expect(await first.next(1)).toMatchObject([{ event: "end", data: { reason: "serverStopping" } }]);
  const second = await watch();
  await server.management.deleteApp("1", somebody);
  server.management.clock.advance(10_000);
  expect(await second.next(1)).toMatchObject([{ event: "end", data: { reason: "appDeleted" } }]);
});

function publish(event: string, appId: string, channels = ["a"], data = "{}"): void {
  server.activity.emit({
    type: "event_published",
    appId,
    channels,
    event,
    data,
    exceptSocketId: null,
    ...fromNowhere,
  });
}

type LiveInput = {
  readonly query?: { readonly [Name in keyof LiveQuery]?: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
};

async function watch(input: LiveInput = {}) {
  const response = await server.send("live", { params, ...input });
  if (response.body === null) throw new Error("The answer has no body");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";

  async function until(isLast: (received: Received, count: number) => boolean): Promise<Received[]> {
    const received: Received[] = [];
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`The stream ended after ${received.length} events`);
        text += value;
        continue;
      }
      const one = parse(text.slice(0, end));
      text = text.slice(end + 2);
      if (one === null) continue;
      received.push(one);
      if (isLast(one, received.length)) return received;
    }
  }

  return {
    until,
    next: (count: number) => until((_, received) => received === count),
    cancel: () => reader.cancel(),
    isOver: async () => (await reader.read()).done,
  };
}

/** Null for `retry`; positions have a separate test. */
function parse(block: string): Received | null {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
  return ["", "position"].includes(field("event"))
    ? null
    : { event: field("event"), id: field("id"), data: JSON.parse(field("data")) };
}
