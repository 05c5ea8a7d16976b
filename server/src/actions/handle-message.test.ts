import { expect, test } from "bun:test";
import { startProtocol } from "../../test/support/protocol-stage.ts";

test("a ping is answered and a pong is not", async () => {
  const client = startProtocol().connect();
  await client.send({ event: "pusher:pong", data: {} });
  await client.send({ event: "pusher:ping" });
  expect(client.received()).toEqual([{ event: "pusher:pong", data: {} }]);
});

test("the size of a message is counted in received bytes, not in characters", () => {
  const stage = startProtocol();
  const activities = stage.listen("message_received");
  const text = JSON.stringify({ event: "pusher:ping", data: "€😀" });
  stage.connect().sendNow(text);
  expect(activities).toMatchObject([{ bytes: Buffer.byteLength(text) }]);
});

test("an invalid message is answered with an error, and the connection stays open", async () => {
  const stage = startProtocol();
  const client = stage.connect();
  await client.send("nonsense");
  stage.stack.handleMessage(client.connection, new Uint8Array([1, 2, 3]));
  expect(client.received()).toMatchObject([
    { event: "pusher:error", data: { code: null, message: "A message must be valid JSON" } },
    { event: "pusher:error", data: { code: null, message: expect.stringContaining("Binary frames") } },
  ]);
  expect([client.socket.closed, stage.bugs]).toEqual([null, []]);
});

test("a bug closes only its connection, with 4200, and is reported", async () => {
  const bug = new Error("not expected");
  const stage = startProtocol();
  stage.roster.join = () => Promise.reject(bug);
  const [client, other] = [stage.connect(), stage.connect()];
  await client.subscribe("news");
  expect([client.socket.closed?.code, other.socket.closed, stage.bugs]).toEqual([4200, null, [bug]]);
});

test("a failed subscription does not affect the channel's subscribers", async () => {
  const stage = startProtocol();
  const [client, other] = [stage.connect(), stage.connect()];
  await other.subscribe("news");
  stage.roster.join = () => Promise.reject(new Error("not expected"));
  await client.subscribe("news");
  await client.disconnect();
  expect(await stage.roster.counts("1", "news")).toMatchObject({ subscriptionCount: 1 });
});

test("a client of an app that was deleted is closed with 4001", () => {
  const stage = startProtocol();
  const client = stage.connect();
  stage.registry.remove("1");
  client.sendNow({ event: "pusher:ping" });
  expect(client.socket.closed?.code).toBe(4001);
});
