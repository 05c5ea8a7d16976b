import { beforeEach, expect, test } from "bun:test";
import { type FakeClient, type Stage, startProtocol } from "../../test/support/protocol-stage.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";

let stage: Stage;
let sender: FakeClient;
let receiver: FakeClient;

beforeEach(() => {
  stage = startProtocol({
    settings: { clientEventsPerSecondMax: 2, eventNameLengthMax: 20, eventPayloadBytesMax: 10 },
  });
  [sender, receiver] = [stage.connect(), stage.connect()];
});

function event(channel: string, data: unknown = { a: 1 }, name = "client-x"): object {
  return { event: name, channel, data };
}

async function enter(channel: string): Promise<void> {
  await sender.subscribe(channel, { user_id: "ada" });
  await receiver.subscribe(channel, { user_id: "bob" });
  for (const client of [sender, receiver]) client.received();
}

test("the other subscribers of a private channel receive it, and the sender does not", async () => {
  await enter("private-a");
  const published = stage.listen("client_event", "delivered");
  await sender.send(event("private-a"));
  expect([sender.received(), receiver.received()]).toEqual([
    [],
    [{ event: "client-x", channel: "private-a", data: { a: 1 } }],
  ]);
  const { socketId } = sender.connection;
  const sent = { appId: "1", data: '{"a":1}', userId: null };
  expect(published).toMatchObject([
    { type: "delivered", deliveries: 1 },
    { type: "client_event", ...sent, channel: "private-a", event: "client-x", socketId },
  ]);
});

test("it is refused while the engine is unreachable, and webhooks do not receive it", async () => {
  await enter("private-a");
  const published = stage.listen("client_event");
  stage.broker.publish = () => Promise.reject(new EngineUnreachable("The engine is unreachable"));
  await sender.send(event("private-a"));
  expect(sender.received()).toEqual([
    { event: "pusher:error", data: { code: null, message: "The engine is unreachable" } },
  ]);
  expect([published, sender.socket.closed]).toEqual([[], null]);
});

test("on a presence channel it carries the sender's user id", async () => {
  await enter("presence-a");
  await sender.send(event("presence-a"));
  expect(receiver.received()).toEqual([
    { event: "client-x", channel: "presence-a", data: { a: 1 }, user_id: "ada" },
  ]);
});

test("it is not stored for later subscribers of a cache channel", async () => {
  await enter("private-cache-a");
  await sender.send(event("private-cache-a"));
  const late = stage.connect();
  await late.subscribe("private-cache-a");
  expect(late.received()[1]).toMatchObject({ event: "pusher:cache_miss" });
});

const refused: [string, object, string][] = [
  [
    "to a public channel",
    event("news"),
    "Client event rejected - only supported on private and presence channels",
  ],
  [
    "to a channel that its sender is not in",
    event("private-b"),
    "Client event rejected - no current subscription to channel private-b",
  ],
  [
    "with too long a name",
    event("private-a", 1, `client-${"x".repeat(14)}`),
    "Client event rejected - the name may have at most 20 characters",
  ],
  [
    "with too much data, counted in bytes",
    event("private-a", "é".repeat(6)),
    "Client event rejected - the data may be at most 10 bytes",
  ],
];

test.each(refused)("it is refused %s, and nobody receives it", async (_why, message, error) => {
  await enter("private-a");
  await sender.send(message);
  expect(sender.received()).toEqual([{ event: "pusher:error", data: { code: null, message: error } }]);
  expect(receiver.received()).toEqual([]);
});

test("a name of the maximum length and data of the maximum bytes are accepted", async () => {
  await enter("private-a");
  const [name, data] = [`client-${"x".repeat(13)}`, "é".repeat(5)];
  await sender.send(event("private-a", data, name));
  expect(receiver.received()).toMatchObject([{ event: name, data }]);
});

test("it is refused if the app has client events disabled", async () => {
  await enter("private-a");
  stage.change({ clientEventsEnabled: false });
  await sender.send(event("private-a"));
  expect(sender.received()).toMatchObject([
    { data: { message: expect.stringContaining("enable this feature") } },
  ]);
});

test("beyond the rate it is refused with 4301, the connection stays open, and a second later it is accepted", async () => {
  await enter("private-a");
  for (let sent = 0; sent < 3; sent++) await sender.send(event("private-a"));
  expect(sender.received()).toMatchObject([{ event: "pusher:error", data: { code: 4301 } }]);
  expect([receiver.received().length, sender.socket.closed]).toEqual([2, null]);
  stage.clock.advance(500);
  await sender.send(event("private-a"));
  expect(receiver.received()).toHaveLength(1);
});
