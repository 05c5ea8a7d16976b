import { expect, test } from "bun:test";
import {
  eventsOf,
  HttpClient,
  messageBytesMax,
  openHttpDoor,
  publishTo,
  settled,
  subscribe,
} from "../../test/support/http-door-stage.ts";
import { credentials } from "../../test/support/protocol-stage.ts";

test("a client that reads too slowly is disconnected, and counted as slow", async () => {
  const door = openHttpDoor();
  const received = door.listen("connection_closed");
  const one = door.client();
  await one.poll();
  await one.send(subscribe("news"));
  await one.poll();
  for (let event = 0; event < 3; event++) await publishTo(door, "x".repeat(150_000));
  await settled();
  expect(received).toMatchObject([{ code: 1006, reason: expect.stringContaining("Slow reader") }]);
  expect(door.unsent.inAll).toBe(0);
});

test("all unread frames of an app share one limit, and small ones need none", async () => {
  const door = openHttpDoor({ unsentBytesMax: 20_000 });
  const clients = [door.client("aaaaaaaa"), door.client("bbbbbbbb"), door.client("cccccccc")];
  for (const each of clients) {
    await each.poll();
    await each.send(subscribe("news"));
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

test("a client that is asked to reconnect receives the reason with its next poll, and its sends are refused", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.poll();
  const [connection] = door.hub.connections(credentials.id);
  connection?.close(4200, "please reconnect");
  expect(door.hub.connectionCount).toBe(0);
  expect((await one.send(subscribe("news"))).status).toBe(404);
  const [error, close] = await one.poll();
  expect(eventsOf(error)).toMatchObject([{ data: { code: 4200 } }]);
  expect(close).toBe('c[4200,"please reconnect"]');
  expect((await one.poll())[0]).toBe("o");
});

test("a refused handshake is answered with its error, and leaves no session", async () => {
  const door = openHttpDoor({ sessionsMax: 1 });
  const received = door.listen("handshake_refused");
  for (const [key, query, code] of [
    ["unknown", "?protocol=7", 4001],
    [credentials.key, "", 4008],
    [credentials.key, "?protocol=9", 4007],
  ] as const) {
    const one = new HttpClient(door.request, "abcdefgh", key);
    await one.ask("xhr_streaming", query);
    const [opened, error, close] = (await one.lines()) ?? [];
    expect(opened).toBe("o");
    expect(eventsOf(error)).toMatchObject([{ event: "pusher:error", data: { code } }]);
    expect(close).toStartWith(`c[${code},`);
  }
  expect(received).toMatchObject([{ code: 4001 }, { code: 4008 }, { code: 4007 }]);
  expect((await door.client().stream())[0]).toBe("o");
});

test("sessions count towards every limit of connections, including closed ones that were not polled", async () => {
  const door = openHttpDoor({ sessionsMax: 2 });
  for (const id of ["aaaaaaaa", "bbbbbbbb"]) await door.client(id).poll();
  for (const connection of door.hub.connections(credentials.id)) connection.close(4200, "reconnect");
  expect(await door.client("cccccccc").ask("xhr")).toBe(503);
  door.tick(10);
  expect(await door.client("cccccccc").ask("xhr")).toBe(200);

  const limited = openHttpDoor({ connectionsPerIpMax: 1 });
  const one = limited.client("aaaaaaaa");
  await one.stream();
  expect(await limited.client("bbbbbbbb").ask("xhr")).toBe(429);
  await one.leave();
  limited.tick(10);
  expect(await limited.client("bbbbbbbb").ask("xhr")).toBe(200);
});

test("messages are handled in the order of their requests, even if an earlier body arrives later", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.poll();
  const slow = new TransformStream<Uint8Array, Uint8Array>();
  const first = one.post(slow.readable);
  const second = one.send(subscribe("second"));
  const writer = slow.writable.getWriter();
  await writer.write(Buffer.from(JSON.stringify([JSON.stringify(subscribe("first"))])));
  await writer.close();
  expect([(await first).status, (await second).status]).toEqual([204, 204]);
  const [connection] = door.hub.connections(credentials.id);
  expect([...(connection?.subscriptions.keys() ?? [])]).toEqual(["first", "second"]);
  expect(door.bodies.inAll).toBe(0);
});

test("a body that does not arrive is aborted after 10 seconds, and later messages are handled", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.poll();
  const slow = one.post(new ReadableStream<Uint8Array>());
  const next = one.send(subscribe("news"));
  await settled();
  door.clock.advance(10_000);
  expect((await slow).status).toBe(408);
  expect((await next).status).toBe(204);
  expect(door.bodies.inAll).toBe(0);
});

test("a session reads few bodies concurrently", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.poll();
  const slow = [1, 2, 3, 4].map(() => one.post(new ReadableStream<Uint8Array>()));
  expect((await one.send(subscribe("news"))).status).toBe(503);
  door.clock.advance(10_000);
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([408, 408, 408, 408]);
});

test("a message over the limit closes with 1009, and so does a body that must contain one", async () => {
  for (const bytes of [messageBytesMax + 1, messageBytesMax * 3]) {
    const door = openHttpDoor();
    const one = door.client();
    await one.poll();
    await one.post(JSON.stringify(["x".repeat(bytes)]));
    expect((await one.poll()).at(-1)).toStartWith("c[1009,");
    expect(door.hub.connectionCount).toBe(0);
  }
});

test("a body that is not a list of messages is refused with 400, and the session stays", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.poll();
  for (const body of ["", "{", "{}", '"x"', "[1]", "[[]]", "null"])
    expect((await one.post(body)).status).toBe(400);
  expect((await one.send(subscribe("news"))).status).toBe(204);
  expect(door.bugs).toEqual([]);
});

test("a page of another origin cannot use a session", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.poll();
  const stranger = { headers: { origin: "https://stranger.example" } };
  expect((await one.post("[]", stranger)).status).toBe(404);
  expect((await door.request(`${credentials.key}/7/abcdefgh/xhr?protocol=7`, stranger)).status).toBe(404);
});

test("browsers of every origin may send requests, only with POST", async () => {
  const { request } = openHttpDoor();
  const preflight = await request(`${credentials.key}/7/abcdefgh/xhr`, { method: "OPTIONS" });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("Content-Type");
  const got = await request(`${credentials.key}/7/abcdefgh/xhr`, { method: "GET" });
  expect([got.status, got.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
});

test("an unknown path is 404, and the answer lists the known ones", async () => {
  const { request } = openHttpDoor();
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
