import { describe, expect, test } from "bun:test";
import { FakeSocket, peer } from "../../test/support/fakes/fake-socket.ts";
import { FakeTopics } from "../../test/support/fakes/fake-topics.ts";
import {
  credentials,
  type FakeClient,
  type Stage,
  startProtocol,
} from "../../test/support/protocol-stage.ts";
import { CloseConnection } from "../protocol/errors.ts";

test("a connection receives a socket id that SDKs accept, and the activity timeout", () => {
  const stage = startProtocol();
  const socket = new FakeSocket(new FakeTopics());
  const connection = stage.stack.open.open(stage.app(), socket, peer);
  const { socketId } = connection;
  expect(connection.peer).toBe(peer);
  expect(socketId).toMatch(/^\d+\.\d+$/);
  const data = JSON.stringify({ socket_id: socketId, activity_timeout: 120 });
  expect(socket.frames).toEqual([JSON.stringify({ event: "pusher:connection_established", data })]);
});

/** The close code for a browser from this origin; null if it is accepted. */
function refusal(stage: Stage, origin: string | null = null, key = credentials.key): number | null {
  try {
    stage.stack.open.check(stage.stack.open.find(key), origin);
    return null;
  } catch (error) {
    if (error instanceof CloseConnection) return error.code;
    throw error;
  }
}

test("an unknown key, a disabled app and a full app are refused with their codes", () => {
  const stage = startProtocol({ settings: { connectionsMax: 1 } });
  expect([refusal(stage), refusal(stage, null, "another")]).toEqual([null, 4001]);
  stage.connect();
  expect(refusal(stage)).toBe(4004);
  stage.change({}, false);
  expect(refusal(stage)).toBe(4003);
});

const origins: [string, string | null, number | null][] = [
  ["https://example.com", "https://example.com", null],
  ["https://example.com", "http://example.com", 4009],
  ["https://example.com", "https://example.com.evil.test", 4009],
  ["https://example.com", null, null],
  ["example.com", "http://example.com:8080", null],
  ["example.com", "https://a.example.com", 4009],
  ["*.example.com", "https://a.b.example.com", null],
  ["*.example.com", "https://example.com", 4009],
  ["*.example.com", "https://evilexample.com", 4009],
  ["*.example.com", "null", 4009],
];

test.each(origins)("an app that allows %s answers a client from %s with %p", (allowed, origin, code) => {
  expect(refusal(startProtocol({ settings: { allowedOrigins: [allowed] } }), origin)).toBe(code);
});

describe("with authorizedConnectionsOnly", () => {
  const settings = { authorizedConnectionsOnly: true, connectionsMax: 1 };

  test.each([
    ["entering a private channel", (client: FakeClient) => client.subscribe("private-a")],
    [
      "entering a presence channel",
      (client: FakeClient) => client.subscribe("presence-a", { user_id: "ada" }),
    ],
    ["signing in", (client: FakeClient) => client.signIn({ id: "ada" })],
  ])("unauthorized connections are counted when %s, and closed beyond the quota", async (_how, act) => {
    const stage = startProtocol({ settings });
    const activities = stage.listen("member_added", "user_online", "subscribed");
    const clients = Array.from({ length: 5 }, () => {
      expect(refusal(stage)).toBeNull();
      return stage.connect();
    });
    for (const client of clients) await act(client);
    expect(clients.map(({ socket }) => socket.closed?.code)).toEqual([undefined, 4004, 4004, 4004, 4004]);
    expect([stage.hub.authorizedCountOf("1"), refusal(stage)]).toEqual([1, 4004]);
    for (const client of clients.slice(1)) await client.disconnect();
    expect(new Set(activities.map((one) => "type" in one && one.type)).size).toBe(activities.length);
  });

  test("a connection that authorizes twice counts once", async () => {
    const stage = startProtocol({ settings });
    const client = stage.connect();
    await client.subscribe("private-a");
    await client.subscribe("private-b");
    await client.signIn({ id: "ada" });
    expect([client.socket.closed, client.connection.subscriptions.size()]).toEqual([null, 2]);
  });

  test("all connections count again once the setting is off", async () => {
    const stage = startProtocol({ settings: { ...settings, connectionsMax: 2 } });
    const clients = [stage.connect(), stage.connect()];
    stage.change({ authorizedConnectionsOnly: false });
    expect(refusal(stage)).toBe(4004);
    for (const client of clients) await client.subscribe("private-a");
    expect(clients.map(({ socket }) => socket.closed)).toEqual([null, null]);
  });
});

test("a connection that does not authorize in time is closed, and never counts towards the quota", async () => {
  const settings = { authorizedConnectionsOnly: true, authorizationTimeoutMs: 5_000, connectionsMax: 3 };
  const stage = startProtocol({ settings });
  const [silent, reader, member, user] = Array.from({ length: 4 }, () => stage.connect());
  await reader?.subscribe("news");
  await member?.subscribe("private-a");
  await user?.signIn({ id: "ada" });
  expect(refusal(stage)).toBeNull();
  stage.clock.advance(4_999);
  stage.stack.closeUnauthorized();
  expect(silent?.socket.closed).toBeNull();
  stage.clock.advance(1);
  stage.stack.closeUnauthorized();
  expect([silent, reader, member, user].map((client) => client?.socket.closed?.code)).toEqual([
    4009,
    4009,
    undefined,
    undefined,
  ]);
});
