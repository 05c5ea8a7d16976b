import { expect, test } from "bun:test";
import { nobody } from "../../test/support/from-nowhere.ts";
import { credentials, signed, startProtocol } from "../../test/support/protocol-stage.ts";
import { ByteBudget } from "../core/byte-budget.ts";
import { ClientAddresses } from "../net/client-address.ts";
import { AddressLimits } from "./address-limits.ts";
import { Entrance } from "./entrance.ts";
import { HttpDoor } from "./http-door.ts";
import { SessionTopics } from "./session-topics.ts";

const messageBytesMax = 1_024;
const backpressureBytesMax = 400_000;
const page = "https://page.example";

interface Options {
  readonly sessionsMax?: number;
  readonly unsentBytesMax?: number;
  readonly connectionsPerIpMax?: number;
}

function open({ sessionsMax = 100, unsentBytesMax = 1_000_000, connectionsPerIpMax = 0 }: Options = {}) {
  let topics: SessionTopics | null = null;
  const stage = startProtocol({ settings: { clientEventsEnabled: true } }, (native) => {
    topics = new SessionTopics(native);
    return topics;
  });
  if (topics === null) throw new Error("The stage asks for topics");
  const { stack, clock, activity } = stage;
  const unsent = new ByteBudget({ perApp: unsentBytesMax, inAll: unsentBytesMax });
  const bodies = new ByteBudget({ perApp: 100_000, inAll: 100_000 });
  const entrance = new Entrance(
    stack.open,
    { overload: () => null, onTooMany: () => undefined },
    new ClientAddresses([]),
    new AddressLimits(clock, {
      connectionsMax: connectionsPerIpMax,
      isShared: () => false,
      handshakesPerSecondMax: 0,
    }),
  );
  const door = new HttpDoor(stack, entrance, activity, {
    ...{ pathPrefix: "", messageBytesMax, backpressureBytesMax, sessionsMax, heartbeatMs: 20_000 },
    ...{ clock, topics, unsent, bodies, onBug: (error: unknown) => void stage.bugs.push(error) },
  });
  const request = (path: string, init: RequestInit = {}) =>
    door.answer(
      new Request(`http://host/pusher/app/${path}`, { method: "POST", headers: { origin: page }, ...init }),
      { requestIP: () => ({ address: "192.0.2.7" }) },
    );
  const tick = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      door.tick();
    }
  };
  return {
    ...stage,
    door,
    request,
    tick,
    unsent,
    bodies,
    client: (id = "abcdefgh") => new Client(request, id),
  };
}

type Ask = ReturnType<typeof open>["request"];

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

class Client {
  readonly #ask: Ask;
  readonly #path: string;
  #reader: Reader | null = null;

  constructor(ask: Ask, id: string, key = credentials.key) {
    this.#ask = ask;
    this.#path = `${key}/7/${id}`;
  }

  async ask(
    kind: "xhr" | "xhr_streaming",
    query = "?protocol=7&client=js&version=8.6.0&t=1&n=1",
  ): Promise<number> {
    const { status, body } = await this.#ask(`${this.#path}/${kind}${query}`);
    this.#reader = body?.getReader() ?? null;
    return status;
  }

  /** The lines of the next text of the latest answer; null at its end. */
  async lines(reader = this.#reader): Promise<string[] | null> {
    const chunk = await reader?.read();
    return chunk?.value === undefined ? null : new TextDecoder().decode(chunk.value).trimEnd().split("\n");
  }

  get reader() {
    return this.#reader;
  }

  /** One whole answer of polling. */
  async poll(): Promise<string[]> {
    await this.ask("xhr");
    const lines = (await this.lines()) ?? [];
    expect(await this.lines()).toBeNull();
    return lines;
  }

  async stream(): Promise<string[]> {
    await this.ask("xhr_streaming");
    return (await this.lines()) ?? [];
  }

  leave(): Promise<void> | undefined {
    return this.#reader?.cancel();
  }

  post(body: NonNullable<RequestInit["body"]>, init: RequestInit = {}): Promise<Response> {
    return this.#ask(`${this.#path}/xhr_send?t=1&n=2`, { body, ...init });
  }

  say(...messages: object[]): Promise<Response> {
    return this.post(JSON.stringify(messages.map((message) => JSON.stringify(message))));
  }
}

function eventsOf(line: string | undefined): { event: string; channel?: string; data: unknown }[] {
  expect(line?.[0]).toBe("a");
  return JSON.parse(line?.slice(1) ?? "").map((frame: string) => JSON.parse(frame));
}

/** Lets everything run that waits for nothing. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const subscribe = (channel: string) => ({ event: "pusher:subscribe", data: { channel } });
const privateSubscription = (socketId: string, channel: string) => ({
  event: "pusher:subscribe",
  data: { channel, auth: signed(`${socketId}:${channel}`) },
});
const whisper = (channel: string, data: unknown) => ({ event: "client-x", channel, data });

function publishTo({ stack, app }: ReturnType<typeof open>, data: string, channels = ["news"]) {
  return stack.publish.send(app(), { name: "e", data, channels, exceptSocketId: null }, nobody);
}

test("a streaming client gets its hello, and then each event as it comes", async () => {
  const door = open();
  const one = door.client();
  const [opened, hello] = await one.stream();
  expect(opened).toBe("o");
  expect(eventsOf(hello)).toMatchObject([{ event: "pusher:connection_established" }]);
  const [connection] = door.hub.connections(credentials.id);
  expect(connection?.socket.transport).toBe("xhr_streaming");
  expect((await one.say(subscribe("news"))).status).toBe(204);
  expect(eventsOf((await one.lines())?.[0])).toMatchObject([
    { event: "pusher_internal:subscription_succeeded" },
  ]);
  for (const data of ["1", "2"]) {
    await publishTo(door, data);
    expect(eventsOf((await one.lines())?.[0])).toEqual([{ event: "e", channel: "news", data }]);
  }
});

test("a polling client gets what came between its polls, in one answer", async () => {
  const door = open();
  const one = door.client();
  expect((await one.poll())[0]).toBe("o");
  await one.say(subscribe("news"));
  await publishTo(door, "1");
  await publishTo(door, "2");
  const [line] = await one.poll();
  expect(eventsOf(line).map(({ event }) => event)).toEqual([
    "pusher_internal:subscription_succeeded",
    "e",
    "e",
  ]);
  await one.ask("xhr");
  await publishTo(door, "3");
  expect(eventsOf((await one.lines())?.[0])).toMatchObject([{ data: "3" }]);
  expect(await one.lines()).toBeNull();
});

test("a client event reaches the others and not its sender, whichever transport they have", async () => {
  const door = open();
  const [one, other] = [door.client(), door.client("ijklmnop")];
  const socket = door.connect();
  await socket.subscribe("private-x");
  for (const each of [one, other]) {
    await each.poll();
    const [connection] = [...door.hub.connections(credentials.id)].slice(-1);
    await each.say(privateSubscription(connection?.socketId ?? "", "private-x"));
    await each.poll();
  }
  socket.heard();
  await one.say(whisper("private-x", "1"));
  expect(eventsOf((await other.poll())[0])).toMatchObject([{ event: "client-x", data: "1" }]);
  await socket.say(whisper("private-x", "2"));
  expect(eventsOf((await one.poll())[0])).toMatchObject([{ event: "client-x", data: "2" }]);
});

test("a poll without an event ends after 25 seconds with a heartbeat", async () => {
  const { client, tick } = open();
  const one = client();
  await one.poll();
  await one.ask("xhr");
  tick(24);
  const lines = one.lines();
  expect(await Promise.race([lines, Promise.resolve("open")])).toBe("open");
  tick(1);
  expect(await lines).toEqual(["h"]);
  expect(await one.lines()).toBeNull();
});

test("a streaming client that acknowledges heartbeats stays, and one that does not is closed with 4201", async () => {
  const { client, tick, hub } = open();
  const one = client();
  await one.stream();
  for (let beat = 0; beat < 3; beat++) {
    tick(20);
    expect(await one.lines()).toEqual(["h"]);
    await one.post("[]");
  }
  tick(20);
  expect(await one.lines()).toEqual(["h"]);
  tick(20);
  const [error, close] = (await one.lines()) ?? [];
  expect(eventsOf(error)).toMatchObject([{ event: "pusher:error", data: { code: 4201 } }]);
  expect(close).toStartWith("c[4201,");
  expect(await one.lines()).toBeNull();
  expect(hub.connectionCount).toBe(0);
});

test("a ping is answered with one heartbeat, whose acknowledgement is not a ping", async () => {
  const door = open();
  const one = door.client();
  await one.stream();
  await one.post("[]");
  expect(await one.lines()).toEqual(["h"]);
  await one.post("[]");
  await one.say(subscribe("news"));
  expect((await one.lines())?.[0]).toStartWith("a[");
});

test("a session without a request ends after 10 seconds as a lost connection", async () => {
  const { client, tick, hub, listen } = open();
  const heard = listen("connection_closed");
  const one = client();
  await one.stream();
  await one.leave();
  tick(9);
  expect(hub.connectionCount).toBe(1);
  await one.ask("xhr_streaming");
  await one.leave();
  tick(9);
  expect(hub.connectionCount).toBe(1);
  tick(1);
  expect(hub.connectionCount).toBe(0);
  await settled();
  expect(heard).toMatchObject([{ code: 1006 }]);
  expect((await one.say(subscribe("news"))).status).toBe(404);
  expect((await one.stream())[0]).toBe("o");
});

test("a second answer takes over without a new hello, and the first ends", async () => {
  const door = open();
  const one = door.client();
  await one.stream();
  const first = one.reader;
  await one.ask("xhr_streaming");
  expect(await one.lines(first)).toEqual(['c[2010,"Another connection still open"]']);
  expect(await one.lines(first)).toBeNull();
  await one.say(subscribe("news"));
  expect((await one.lines())?.[0]).toStartWith("a[");
  expect(door.hub.connectionCount).toBe(1);
});

test("an answer that has carried 256 Ki characters waits until the client renews it, and no event is lost", async () => {
  const door = open();
  const one = door.client();
  await one.stream();
  await one.say(subscribe("news"));
  await one.lines();
  for (const letter of ["a", "b"]) {
    await publishTo(door, letter.repeat(150_000));
    expect((await one.lines())?.[0]).toContain(letter.repeat(150_000));
  }
  await publishTo(door, "held");
  const nothing = one.lines();
  expect(await Promise.race([nothing, Promise.resolve("open")])).toBe("open");
  await one.ask("xhr_streaming");
  expect(eventsOf((await one.lines())?.[0])).toMatchObject([{ data: "held" }]);
});

test("a client that reads too slowly is cut off, and counted as slow", async () => {
  const door = open();
  const heard = door.listen("connection_closed");
  const one = door.client();
  await one.poll();
  await one.say(subscribe("news"));
  await one.poll();
  for (let event = 0; event < 3; event++) await publishTo(door, "x".repeat(150_000));
  await settled();
  expect(heard).toMatchObject([{ code: 1006, reason: expect.stringContaining("Slow reader") }]);
  expect(door.unsent.inAll).toBe(0);
});

test("all unread frames of an app share one limit, and small ones need none", async () => {
  const door = open({ unsentBytesMax: 20_000 });
  const clients = [door.client("aaaaaaaa"), door.client("bbbbbbbb"), door.client("cccccccc")];
  for (const each of clients) {
    await each.poll();
    await each.say(subscribe("news"));
    await each.poll();
  }
  await publishTo(door, "small");
  expect(door.unsent.inAll).toBe(0);
  await publishTo(door, "x".repeat(10_000));
  expect(door.hub.connectionCount).toBe(3);
  await publishTo(door, "x".repeat(5_000));
  expect(door.hub.connectionCount).toBeLessThan(3);
  expect(door.unsent.inAll).toBeLessThanOrEqual(20_000);
  door.tick(10);
  expect(door.hub.connectionCount).toBe(0);
  expect(door.unsent.inAll).toBe(0);
});

test("a client that is asked to reconnect reads why with its next poll, and its sends are refused", async () => {
  const door = open();
  const one = door.client();
  await one.poll();
  const [connection] = door.hub.connections(credentials.id);
  connection?.close(4200, "please reconnect");
  expect(door.hub.connectionCount).toBe(0);
  expect((await one.say(subscribe("news"))).status).toBe(404);
  const [error, close] = await one.poll();
  expect(eventsOf(error)).toMatchObject([{ data: { code: 4200 } }]);
  expect(close).toBe('c[4200,"please reconnect"]');
  expect((await one.poll())[0]).toBe("o");
});

test("a refused handshake is told in the answer, and leaves no session", async () => {
  const door = open({ sessionsMax: 1 });
  const heard = door.listen("handshake_refused");
  for (const [key, query, code] of [
    ["unknown", "?protocol=7", 4001],
    [credentials.key, "", 4008],
    [credentials.key, "?protocol=9", 4007],
  ] as const) {
    const one = new Client(door.request, "abcdefgh", key);
    await one.ask("xhr_streaming", query);
    const [opened, error, close] = (await one.lines()) ?? [];
    expect(opened).toBe("o");
    expect(eventsOf(error)).toMatchObject([{ event: "pusher:error", data: { code } }]);
    expect(close).toStartWith(`c[${code},`);
  }
  expect(heard).toMatchObject([{ code: 4001 }, { code: 4008 }, { code: 4007 }]);
  expect((await door.client().stream())[0]).toBe("o");
});

test("sessions count for every limit of connections, also the closed ones that nobody asks for", async () => {
  const door = open({ sessionsMax: 2 });
  for (const id of ["aaaaaaaa", "bbbbbbbb"]) await door.client(id).poll();
  for (const connection of door.hub.connections(credentials.id)) connection.close(4200, "reconnect");
  expect(await door.client("cccccccc").ask("xhr")).toBe(503);
  door.tick(10);
  expect(await door.client("cccccccc").ask("xhr")).toBe(200);

  const limited = open({ connectionsPerIpMax: 1 });
  const one = limited.client("aaaaaaaa");
  await one.stream();
  expect(await limited.client("bbbbbbbb").ask("xhr")).toBe(429);
  await one.leave();
  limited.tick(10);
  expect(await limited.client("bbbbbbbb").ask("xhr")).toBe(200);
});

test("messages are handled in the order of their requests, although an earlier body comes later", async () => {
  const door = open();
  const one = door.client();
  await one.poll();
  const slow = new TransformStream<Uint8Array, Uint8Array>();
  const first = one.post(slow.readable);
  const second = one.say(subscribe("second"));
  const writer = slow.writable.getWriter();
  await writer.write(Buffer.from(JSON.stringify([JSON.stringify(subscribe("first"))])));
  await writer.close();
  expect([(await first).status, (await second).status]).toEqual([204, 204]);
  const [connection] = door.hub.connections(credentials.id);
  expect([...(connection?.subscriptions.keys() ?? [])]).toEqual(["first", "second"]);
  expect(door.bodies.inAll).toBe(0);
});

test("a body that does not come is given up after 10 seconds, and later messages are handled", async () => {
  const door = open();
  const one = door.client();
  await one.poll();
  const slow = one.post(new ReadableStream<Uint8Array>());
  const next = one.say(subscribe("news"));
  await settled();
  door.clock.advance(10_000);
  expect((await slow).status).toBe(408);
  expect((await next).status).toBe(204);
  expect(door.bodies.inAll).toBe(0);
});

test("a session reads few bodies at once", async () => {
  const door = open();
  const one = door.client();
  await one.poll();
  const slow = [1, 2, 3, 4].map(() => one.post(new ReadableStream<Uint8Array>()));
  expect((await one.say(subscribe("news"))).status).toBe(503);
  door.clock.advance(10_000);
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([408, 408, 408, 408]);
});

test("a message over the limit closes with 1009, and so does a body that must hold one", async () => {
  for (const bytes of [messageBytesMax + 1, messageBytesMax * 3]) {
    const door = open();
    const one = door.client();
    await one.poll();
    await one.post(JSON.stringify(["x".repeat(bytes)]));
    expect((await one.poll()).at(-1)).toStartWith("c[1009,");
    expect(door.hub.connectionCount).toBe(0);
  }
});

test("a body that is no list of messages is refused with 400, and the session stays", async () => {
  const door = open();
  const one = door.client();
  await one.poll();
  for (const body of ["", "{", "{}", '"x"', "[1]", "[[]]", "null"])
    expect((await one.post(body)).status).toBe(400);
  expect((await one.say(subscribe("news"))).status).toBe(204);
  expect(door.bugs).toEqual([]);
});

test("a page of another origin cannot use a session", async () => {
  const door = open();
  const one = door.client();
  await one.poll();
  const stranger = { headers: { origin: "https://stranger.example" } };
  expect((await one.post("[]", stranger)).status).toBe(404);
  expect((await door.request(`${credentials.key}/7/abcdefgh/xhr?protocol=7`, stranger)).status).toBe(404);
});

test("browsers of every origin may ask, with POST alone", async () => {
  const { request } = open();
  const preflight = await request(`${credentials.key}/7/abcdefgh/xhr`, { method: "OPTIONS" });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("Content-Type");
  const got = await request(`${credentials.key}/7/abcdefgh/xhr`, { method: "GET" });
  expect([got.status, got.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
});

test("a path that no client makes is not found, and says which there are", async () => {
  const { request } = open();
  for (const path of [
    "k/1/abcdefgh/websocket",
    "k/1/abc/xhr",
    "k/1234/abcdefgh/xhr",
    "k/1/abcdefgh/xhr/x",
    "k",
  ]) {
    const answer = await request(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await answer.text()).toContain("xhr_streaming");
  }
});
