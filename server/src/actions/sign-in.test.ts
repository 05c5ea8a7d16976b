import { beforeEach, describe, expect, spyOn, test } from "bun:test";
import { type FakeClient, type Stage, signed, startProtocol } from "../../test/support/protocol-stage.ts";

let stage: Stage;
let client: FakeClient;

beforeEach(() => {
  stage = startProtocol({
    settings: { watchlistEnabled: true, watchlistLengthMax: 2, userDataBytesMax: 200 },
  });
  client = stage.connect();
});

function watchlist(...events: [string, string[]][]): object {
  return {
    event: "pusher_internal:watchlist_events",
    data: { events: events.map(([name, user_ids]) => ({ name, user_ids })) },
  };
}

test("a valid sign-in is confirmed with the same user_data, and may subscribe to its server-to-user channel", async () => {
  const activities = stage.listen("signed_in", "user_online");
  await client.signIn({ id: "ada" });
  await client.send({ event: "pusher:subscribe", data: { auth: "", channel: "#server-to-user-ada" } });
  expect(client.received()).toEqual([
    { event: "pusher:signin_success", data: { user_data: '{"id":"ada"}' } },
    { event: "pusher_internal:subscription_succeeded", channel: "#server-to-user-ada", data: {} },
  ]);
  expect(activities).toEqual([
    { type: "signed_in", appId: "1", connection: client.connection.socketId, userId: "ada", dataBytes: 12 },
    { type: "user_online", appId: "1", userId: "ada" },
  ]);
});

test("a sign-in is confirmed when the engine has counted it, so that another connection may close then", async () => {
  const { promise: counted, resolve } = Promise.withResolvers<void>();
  spyOn(stage.roster, "userConnected").mockReturnValue(counted);
  const signingIn = client.signIn({ id: "ada", watchlist: ["bob"] });
  expect(client.received()).toEqual([]);
  resolve();
  await signingIn;
  expect(client.received()).toEqual([
    { event: "pusher:signin_success", data: { user_data: '{"id":"ada","watchlist":["bob"]}' } },
    watchlist(["offline", ["bob"]]),
  ]);
});

test("a second sign-in as the same user is confirmed and changes nothing; one as another user is refused", async () => {
  await client.signIn({ id: "ada" });
  const activities = stage.listen("signed_in", "user_online");
  await client.signIn({ id: "ada", user_info: 1 });
  await client.signIn({ id: "bob" });
  expect(client.received().slice(1)).toMatchObject([
    { event: "pusher:signin_success" },
    { event: "pusher:error", data: { message: "This connection is already signed in as another user" } },
  ]);
  expect([activities, client.connection.user?.infoJson]).toEqual([[], null]);
});

const broken: [string, string, string][] = [
  ["no JSON", "{", "user_data must be a JSON object with an id"],
  ["null", "null", "user_data must be a JSON object with an id"],
  ["a number", "5", "user_data must be a JSON object with an id"],
  ["no id", "{}", "The id in user_data must be a string of 1 to 128 characters without NUL"],
  [
    "an id with NUL",
    '{"id":"a\\u0000b"}',
    "The id in user_data must be a string of 1 to 128 characters without NUL",
  ],
  [
    "an id that is a number",
    '{"id":7}',
    "The id in user_data must be a string of 1 to 128 characters without NUL",
  ],
  [
    "an endless id",
    `{"id":"${"x".repeat(129)}"}`,
    "The id in user_data must be a string of 1 to 128 characters without NUL",
  ],
  [
    "a watchlist that is a text",
    '{"id":"a","watchlist":"bob"}',
    "The watchlist in user_data must be an array of user ids, all strings",
  ],
  ["too many bytes", `{"id":"a","x":"${"é".repeat(100)}"}`, "user_data may be at most 200 bytes"],
];

describe("a sign-in is refused with", () => {
  test.each(broken)("%s", async (_what, userData, message) => {
    const auth = signed(`${client.connection.socketId}::user::${userData}`);
    await client.send({ event: "pusher:signin", data: { auth, user_data: userData } });
    expect(client.received()).toEqual([{ event: "pusher:error", data: { code: null, message } }]);
    expect(client.connection.user).toBeNull();
  });

  const auths: [string, string, string][] = [
    ["no key", "feed", "Invalid signature: signing in needs auth in the form APP_KEY:SIGNATURE"],
    ["another app's key", "another:feed", "Invalid key in sign-in auth data: 'another'"],
    [
      "a wrong signature",
      "278d425bdf160c739803:feed",
      "Invalid signature: Expected HMAC SHA256 hex digest of SOCKET_ID::user::USER_DATA, but got feed",
    ],
  ];
  test.each(auths)("%s", async (_what, auth, message) => {
    await client.send({ event: "pusher:signin", data: { auth, user_data: '{"id":"ada"}' } });
    const activities = message.replace("SOCKET_ID", client.connection.socketId);
    expect(client.received()).toEqual([{ event: "pusher:error", data: { code: null, message: activities } }]);
  });
});

describe("a watcher", () => {
  beforeEach(async () => {
    const bob = stage.connect();
    await bob.signIn({ id: "bob" });
    await client.signIn({ id: "ada", watchlist: ["bob", "eve", "bob"] });
  });

  test("a connection immediately receives who is online and who is offline", () => {
    expect(client.received()).toEqual([
      expect.objectContaining({ event: "pusher:signin_success" }),
      watchlist(["online", ["bob"]], ["offline", ["eve"]]),
    ]);
  });

  test("is notified only of a user's first connection and of the end of the last one", async () => {
    client.received();
    const activities = stage.listen("user_online", "user_offline");
    const [one, two] = [stage.connect(), stage.connect()];
    for (const other of [one, two]) await other.signIn({ id: "eve" });
    for (const other of [one, two]) await other.disconnect();
    expect(client.received()).toEqual([watchlist(["online", ["eve"]]), watchlist(["offline", ["eve"]])]);
    expect(activities).toEqual([
      { type: "user_online", appId: "1", userId: "eve" },
      { type: "user_offline", appId: "1", userId: "eve" },
    ]);
  });
});

test("a watchlist that is too long is truncated, and the client receives 4302 after its success", async () => {
  await client.signIn({ id: "ada", watchlist: ["a", "b", "c"] });
  expect(client.received()).toMatchObject([
    { event: "pusher:signin_success" },
    { event: "pusher:error", data: { code: 4302 } },
    watchlist(["offline", ["a", "b"]]),
  ]);
});

test("with watchlists disabled no connection is notified, and the activity is still emitted", async () => {
  stage.change({ watchlistEnabled: false });
  const activities = stage.listen("user_online");
  await client.signIn({ id: "ada", watchlist: ["bob"] });
  expect(client.received()).toHaveLength(1);
  expect(activities).toHaveLength(1);
});

test("terminating a user closes all connections signed in as that user, and no others", async () => {
  const [same, other, member] = [stage.connect(), stage.connect(), stage.connect()];
  for (const one of [client, same]) await one.signIn({ id: "ada" });
  await other.signIn({ id: "bob" });
  await member.subscribe("presence-a", { user_id: "ada" });
  stage.stack.terminateUser("1", "ada");
  expect([client, same, other, member].map(({ socket }) => socket.closed?.code)).toEqual([
    4009,
    4009,
    undefined,
    undefined,
  ]);
  expect(stage.broadcast.at(-1)).toEqual({ type: "terminate-user", appId: "1", userId: "ada" });
});
