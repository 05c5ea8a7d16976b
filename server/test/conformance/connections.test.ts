/** The start and end of a connection: the handshake, the refusals with their codes, and pings. */
import { expect, test } from "bun:test";
import { RawClient } from "../support/net/raw-client.ts";
import { opcodes } from "../support/net/websocket-frames.ts";
import { until } from "../support/until.ts";
import { connected, subscribe, useServer } from "../support/use-server.ts";

const stage = useServer();

/** The error frame and the close code must agree: some SDKs read the former, some the latter. */
async function refusedWith(
  url: string,
  headers: readonly string[] = [],
): Promise<{ code: number; message: string }> {
  using client = await RawClient.open(url, { headers });
  expect(client.upgrade.status).toBe(101);
  const error = await client.expectError();
  const closed = await client.waitForClose();
  expect(error.code).toBe(closed.code);
  return { code: closed.code, message: error.message };
}

/** The group of refused handshakes with this code in the app's errors. */
async function recordedError(code: number): Promise<object | undefined> {
  const { groups } = (await stage.server.admin("GET", `/apps/${stage.server.app.id}/error-groups`)) as {
    readonly groups: readonly { readonly type: string; readonly code: number }[];
  };
  return groups.find((group) => group.type === "handshake_refused" && group.code === code);
}

test("connection_established has a socket id of two numbers and an activity timeout", async () => {
  const client = await RawClient.open(stage.server.webSocketUrl());
  const hello = await client.next();
  expect(hello.event).toBe("pusher:connection_established");
  const data = JSON.parse(String(hello.data)) as { socket_id: string; activity_timeout: number };
  expect(data.socket_id).toMatch(/^\d+\.\d+$/);
  expect(data.activity_timeout).toBeGreaterThan(0);
  client[Symbol.dispose]();
});

for (const protocol of [4, 5, 6, 7]) {
  test(`protocol ${protocol} is supported`, async () => {
    await stage.raw(`protocol=${protocol}&client=java-client&version=2.4.4`);
  });
}

test("client, version and other parameters of the query may be missing or unknown", async () => {
  await stage.raw("protocol=7");
  await stage.raw("protocol=7&client=js&version=8.6.0&flash=false&nonsense=%00&protocol_extra=1");
  await stage.raw("protocol=7&client=pusher-websocket-swift&version=10.1.5");
});

test("each refusal of a handshake has its code", async () => {
  const { server } = stage;
  const base = `ws://${server.host}:${server.port}`;
  const unknown = await refusedWith(server.webSocketUrl("protocol=7", "feedfeedfeed"));
  expect(unknown.code).toBe(4001);
  expect(unknown.message).toBe(
    "App key feedfeedfeed not in this cluster. Did you forget to specify the cluster?",
  );
  expect((await refusedWith(server.webSocketUrl("protocol=abc"))).code).toBe(4006);
  expect((await refusedWith(server.webSocketUrl("protocol=7&version=latest"))).code).toBe(4006);
  for (const protocol of ["1", "3", "8", "999"]) {
    expect((await refusedWith(server.webSocketUrl(`protocol=${protocol}`))).code).toBe(4007);
  }
  expect((await refusedWith(server.webSocketUrl(""))).code).toBe(4008);
  expect((await refusedWith(`${base}/elsewhere?protocol=7`)).code).toBe(4005);
});

test("the subprotocol of the Swift SDK is echoed, and none is sent without an offer", async () => {
  const swift = await stage.webSocket(undefined, {
    headers: ["Sec-WebSocket-Protocol: pusher-channels-protocol-7"],
  });
  expect(swift.upgrade.head.toLowerCase()).toContain("sec-websocket-protocol: pusher-channels-protocol-7");
  const plain = await stage.webSocket();
  expect(plain.upgrade.head.toLowerCase()).not.toContain("sec-websocket-protocol");
});

test("a disabled app refuses with 4003 and closes open connections with 4003", async () => {
  const client = await stage.raw();
  await stage.changeApp({ isEnabled: false });
  expect((await client.waitForClose()).code).toBe(4003);
  expect((await refusedWith(stage.server.webSocketUrl())).code).toBe(4003);
  expect(await recordedError(4003)).toMatchObject({ reasonPattern: "Application disabled" });
  await stage.changeApp({ isEnabled: true });
  await stage.raw();
});

test("a connection above the app's maximum is refused with 4004", async () => {
  await stage.raw();
  await stage.connectionsCounted(1);
  await stage.changeApp({ settings: { connectionsMax: 1 } });
  expect((await refusedWith(stage.server.webSocketUrl("protocol=7&client=js&version=8.4.0"))).code).toBe(
    4004,
  );
  expect(await recordedError(4004)).toMatchObject({ sdk: "js 8.4.0", addresses: { some: ["127.0.0.1"] } });
});

test("an origin that is not on the app's list is refused, and a missing origin is not", async () => {
  await stage.changeApp({ settings: { allowedOrigins: ["https://example.com", "*.example.org"] } });
  await stage.raw();
  for (const origin of ["https://example.com", "https://shop.example.org"]) {
    await stage.raw(undefined, { headers: [`Origin: ${origin}`] });
  }
  for (const origin of ["https://evil.test", "https://example.com.evil.test", "null"]) {
    const refused = await refusedWith(stage.server.webSocketUrl(), [`Origin: ${origin}`]);
    expect(refused.code).toBe(4009);
  }
  expect(await recordedError(4009)).toMatchObject({
    reasonPattern: expect.stringContaining("is not allowed"),
  });
});

test("with authorizedConnectionsOnly an unauthorized connection is closed with 4009", async () => {
  const authorizedConnectionsOnly = true;
  await stage.changeApp({ settings: { authorizedConnectionsOnly, authorizationTimeoutMs: 60_000 } });
  const idle = await stage.raw();
  await idle.subscribe("public-only");
  const member = await stage.raw();
  await member.subscribe("private-m", stage.backend().authorizeChannel(member.socketId, "private-m"));
  const signedIn = await stage.raw();
  signedIn.send({
    event: "pusher:signin",
    data: stage.backend().authenticateUser(signedIn.socketId, { id: "a" }),
  });
  await signedIn.expect("pusher:signin_success");
  // Only now, so that the others authorize in time on a busy machine, too.
  await stage.changeApp({ settings: { authorizationTimeoutMs: 1_000 } });
  const error = await idle.expectError();
  expect(error).toEqual({ code: 4009, message: "Connection not authorized within timeout" });
  expect((await idle.waitForClose()).code).toBe(4009);
  await member.expectNothingMore();
  await signedIn.expectNothingMore();
});

test("pings of both kinds are answered, also one without data", async () => {
  const client = await stage.webSocket();
  client.send('{"event": "pusher:ping"}');
  expect(await client.next()).toEqual({ event: "pusher:pong", data: "{}" });
  client.send({ event: "pusher:pong", data: {} });
  client.sendFrame(opcodes.ping, "are you there");
  const pong = await client.controlFrames.next("the pong");
  expect(pong.opcode).toBe(opcodes.pong);
  expect(pong.payload.toString()).toBe("are you there");
});

test("pusher-js reconnects by itself after the server restarts, with its subscriptions", async () => {
  const client = await stage.pusherJs({ userId: "ada" });
  const { received } = await subscribe(client, "presence-steady");
  const socketId = client.connection.socket_id;
  await stage.restart();
  await connected(client);
  await until("the renewed subscription", () => client.channel("presence-steady").subscribed);
  expect(client.connection.socket_id).not.toBe(socketId);
  await stage.backend().trigger("presence-steady", "after", { ok: true });
  const after = await received.nextWhere("the event", ({ event }) => event === "after");
  expect(after.data).toEqual({ ok: true });
});
