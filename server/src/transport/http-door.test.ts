import { expect, test } from "bun:test";
import {
  eventsOf,
  openHttpDoor,
  privateSubscription,
  publishTo,
  settled,
  subscribe,
  whisper,
} from "../../test/support/http-door-stage.ts";
import { credentials } from "../../test/support/protocol-stage.ts";

test("a streaming client receives its connection_established, and then each event immediately", async () => {
  const door = openHttpDoor();
  const one = door.client();
  const [opened, hello] = await one.stream();
  expect(opened).toBe("o");
  expect(eventsOf(hello)).toMatchObject([{ event: "pusher:connection_established" }]);
  const [connection] = door.hub.connections(credentials.id);
  expect(connection?.socket.transport).toBe("xhr_streaming");
  expect((await one.send(subscribe("news"))).status).toBe(204);
  expect(eventsOf((await one.lines())?.[0])).toMatchObject([
    { event: "pusher_internal:subscription_succeeded" },
  ]);
  for (const data of ["1", "2"]) {
    await publishTo(door, data);
    expect(eventsOf((await one.lines())?.[0])).toEqual([{ event: "e", channel: "news", data }]);
  }
});

test("a polling client receives the events between its polls in one answer", async () => {
  const door = openHttpDoor();
  const one = door.client();
  expect((await one.poll())[0]).toBe("o");
  await one.send(subscribe("news"));
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

test("a client event reaches the others and not its sender, over any transport", async () => {
  const door = openHttpDoor();
  const [one, other] = [door.client(), door.client("ijklmnop")];
  const socket = door.connect();
  await socket.subscribe("private-x");
  for (const each of [one, other]) {
    await each.poll();
    const [connection] = [...door.hub.connections(credentials.id)].slice(-1);
    await each.send(privateSubscription(connection?.socketId ?? "", "private-x"));
    await each.poll();
  }
  socket.received();
  await one.send(whisper("private-x", "1"));
  expect(eventsOf((await other.poll())[0])).toMatchObject([{ event: "client-x", data: "1" }]);
  await socket.send(whisper("private-x", "2"));
  expect(eventsOf((await one.poll())[0])).toMatchObject([{ event: "client-x", data: "2" }]);
});

test("a poll without an event ends after 25 seconds with a heartbeat", async () => {
  const { client, tick } = openHttpDoor();
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
  const { client, tick, hub } = openHttpDoor();
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
  const door = openHttpDoor();
  const one = door.client();
  await one.stream();
  await one.post("[]");
  expect(await one.lines()).toEqual(["h"]);
  await one.post("[]");
  await one.send(subscribe("news"));
  expect((await one.lines())?.[0]).toStartWith("a[");
});

test("a session without a request ends after 10 seconds as a lost connection", async () => {
  const { client, tick, hub, listen } = openHttpDoor();
  const received = listen("connection_closed");
  const one = client();
  await one.poll();
  tick(9);
  expect(hub.connectionCount).toBe(1);
  await one.send(subscribe("news"));
  await one.poll();
  tick(9);
  expect(hub.connectionCount).toBe(1);
  tick(1);
  expect(hub.connectionCount).toBe(0);
  await settled();
  expect(received).toMatchObject([{ code: 1006 }]);
  expect((await one.send(subscribe("news"))).status).toBe(404);
  expect((await one.stream())[0]).toBe("o");
});

test("a client that leaves its answer is gone two seconds later, so that its last messages arrive", async () => {
  const { client, tick, hub } = openHttpDoor();
  const one = client();
  for (const kind of ["xhr_streaming", "xhr"] as const) {
    await one.ask(kind);
    await one.leave();
    tick(1);
    expect((await one.send(subscribe("news"))).status).toBe(204);
  }
  await one.ask("xhr");
  tick(9);
  expect(hub.connectionCount).toBe(1);
  await one.leave();
  tick(2);
  expect(hub.connectionCount).toBe(0);
});

test("a client that leaves its answer after 256 Ki characters renews it, and has ten seconds for that", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.stream();
  await one.send(subscribe("news"));
  await one.lines();
  await publishTo(door, "x".repeat(270_000));
  await one.lines();
  await one.leave();
  door.tick(9);
  expect(door.hub.connectionCount).toBe(1);
  door.tick(1);
  expect(door.hub.connectionCount).toBe(0);
});

test("a second answer replaces the first without a new handshake, and the first ends", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.stream();
  const first = one.reader;
  await one.ask("xhr_streaming");
  expect(await one.lines(first)).toEqual(['c[2010,"Another connection still open"]']);
  expect(await one.lines(first)).toBeNull();
  await one.send(subscribe("news"));
  expect((await one.lines())?.[0]).toStartWith("a[");
  expect(door.hub.connectionCount).toBe(1);
});

test("an answer that has carried 256 Ki characters waits until the client renews it, and no event is lost", async () => {
  const door = openHttpDoor();
  const one = door.client();
  await one.stream();
  await one.send(subscribe("news"));
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
