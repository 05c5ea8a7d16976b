import { beforeEach, describe, expect, spyOn, test } from "bun:test";
import { type Stage, signed, startProtocol } from "../../test/support/protocol-stage.ts";

const succeeded = "pusher_internal:subscription_succeeded";
let stage: Stage;

beforeEach(() => {
  stage = startProtocol({
    settings: { channelsPerConnectionMax: 3, presenceMembersMax: 2, channelNameLengthMax: 20 },
  });
});

function refusal(channel: string, type: string, error: string, status: number): object[] {
  const data = { type, error, status };
  return [
    { event: "pusher:subscription_error", channel, data },
    { event: "pusher_internal:subscription_error", channel, data },
    { event: "pusher:error", data: { code: null, message: error } },
  ];
}

test("the first subscriber occupies the channel and the last one vacates it", async () => {
  const activities = stage.listen("channel_occupied", "channel_vacated", "subscribed", "unsubscribed");
  const [one, two] = [stage.connect(), stage.connect()];
  const [first, second] = [one.connection.socketId, two.connection.socketId];
  for (const client of [one, two]) await client.subscribe("news");
  expect(one.received()).toEqual([{ event: succeeded, channel: "news", data: {} }]);
  for (const client of [one, two]) await client.unsubscribe("news");
  expect(one.received()).toEqual([]);
  expect(activities).toEqual([
    { type: "channel_occupied", appId: "1", channel: "news" },
    { type: "subscribed", appId: "1", connection: first, channel: "news" },
    { type: "subscribed", appId: "1", connection: second, channel: "news" },
    { type: "unsubscribed", appId: "1", connection: first, channel: "news" },
    { type: "unsubscribed", appId: "1", connection: second, channel: "news" },
    { type: "channel_vacated", appId: "1", channel: "news" },
  ]);
  expect(stage.topics.names).toEqual([]);
});

test("a private channel accepts a signature with and without channel_data", async () => {
  const client = stage.connect();
  await client.subscribe("private-a");
  await client.subscribe("private-b", { anything: 1 });
  expect(client.received()).toEqual([
    { event: succeeded, channel: "private-a", data: {} },
    { event: succeeded, channel: "private-b", data: {} },
  ]);
});

describe("a subscription is refused", () => {
  const wrong = "0".repeat(64);
  const cases: [string, object, (socketId: string) => object[]][] = [
    [
      "without auth on a private channel",
      { channel: "private-a" },
      () =>
        refusal(
          "private-a",
          "AuthError",
          "Invalid signature: subscribing to private-a needs auth in the form APP_KEY:SIGNATURE",
          401,
        ),
    ],
    [
      "with the key of another app",
      { channel: "private-a", auth: `another:${wrong}` },
      () => refusal("private-a", "AuthError", "Invalid key in subscription auth data: 'another'", 401),
    ],
    [
      "with a wrong signature",
      { channel: "private-a", auth: `278d425bdf160c739803:${wrong}`, channel_data: "{}" },
      (socketId) =>
        refusal(
          "private-a",
          "AuthError",
          `Invalid signature: Expected HMAC SHA256 hex digest of ${socketId}:private-a:{}, but got ${wrong}`,
          401,
        ),
    ],
    [
      "to a name with a space",
      { channel: "my news" },
      () =>
        refusal(
          "my news",
          "InvalidChannel",
          "Invalid channel name: use 1 to 20 characters of A-Z a-z 0-9 _ - = @ , . ;",
          400,
        ),
    ],
    [
      "to another user's own channel",
      { channel: "#server-to-user-ada" },
      () =>
        refusal(
          "#server-to-user-ada",
          "AuthError",
          "Only the signed-in user may subscribe to #server-to-user-ada",
          401,
        ),
    ],
  ];
  test.each(cases)("%s", async (_why, data, frames) => {
    const client = stage.connect();
    const activities = stage.listen("message_refused", "subscribed", "channel_occupied");
    await client.send({ event: "pusher:subscribe", data });
    expect(client.received()).toEqual(frames(client.connection.socketId));
    expect(activities).toMatchObject([{ type: "message_refused", connection: client.connection.socketId }]);
    expect([client.connection.subscriptions.size(), stage.topics.names]).toEqual([0, []]);
  });

  test("beyond the maximum channels of a connection", async () => {
    const client = stage.connect();
    for (const channel of ["a", "b", "c", "d"]) await client.subscribe(channel);
    expect(client.received().slice(3)).toEqual(
      refusal("d", "LimitReached", "A connection may be in at most 3 channels", 403),
    );
    await client.unsubscribe("a");
    await client.subscribe("d");
    expect(client.received()).toEqual([{ event: succeeded, channel: "d", data: {} }]);
  });

  test("a repeated subscription is refused, and the first one stays", async () => {
    const client = stage.connect();
    await client.subscribe("news");
    client.received();
    await client.subscribe("news");
    const message = "Existing subscription to channel news";
    expect(client.received()).toEqual([{ event: "pusher:error", data: { code: null, message } }]);
    expect(await stage.roster.counts("1", "news")).toMatchObject({ subscriptionCount: 1 });
  });
});

describe("a user's own channel", () => {
  const channel = "#server-to-user-ada";

  test("is subscribed to once, counts its memory, and is left on request", async () => {
    const client = stage.connect();
    const [follow, unfollow] = [spyOn(stage.broker, "follow"), spyOn(stage.broker, "unfollow")];
    await client.signIn({ id: "ada" });
    const { keptBytes } = client.connection;
    client.received();
    const subscription = { event: "pusher:subscribe", data: { channel } };
    await client.send(subscription);
    expect(client.connection.keptBytes).toBeGreaterThan(keptBytes);
    await client.send(subscription);
    const message = `Existing subscription to channel ${channel}`;
    expect(client.received()).toEqual([
      { event: succeeded, channel, data: {} },
      { event: "pusher:error", data: { code: null, message } },
    ]);
    await client.unsubscribe(channel);
    expect(client.received()).toEqual([]);
    expect(client.connection.keptBytes).toBe(keptBytes);
    expect([follow.mock.calls, unfollow.mock.calls]).toEqual([[["1", channel]], [["1", channel]]]);
  });
});

test("unsubscribing from a channel without a subscription is refused", async () => {
  const client = stage.connect();
  await client.unsubscribe("news");
  const message = "No current subscription to channel news, or subscription in progress";
  expect(client.received()).toEqual([{ event: "pusher:error", data: { code: null, message } }]);
});

test("messages sent without waiting are handled in order", async () => {
  const client = stage.connect();
  client.sendNow(client.subscription("news"));
  client.sendNow({ event: "pusher:unsubscribe", data: { channel: "news" } });
  await client.subscribe("news");
  expect(client.received().map((frame) => "event" in frame && frame.event)).toEqual([succeeded, succeeded]);
});

describe("on a presence channel", () => {
  const ada = { user_id: "ada", user_info: { name: "Ada" } };

  test("the new member receives all members, the others receive the new member, and no member receives its own addition", async () => {
    const [one, two] = [stage.connect(), stage.connect()];
    await one.subscribe("presence-a", ada);
    await two.subscribe("presence-a", { user_id: 7 });
    const hash = { ada: { name: "Ada" }, 7: null };
    expect(two.received()).toEqual([
      { event: succeeded, channel: "presence-a", data: { presence: { count: 2, ids: ["ada", "7"], hash } } },
    ]);
    expect(one.received().slice(1)).toEqual([
      { event: "pusher_internal:member_added", channel: "presence-a", data: { user_id: "7" } },
    ]);
  });

  test("user_info keeps the digits that were signed, by channel_data and by user_data", async () => {
    const info = '{"id":1234567890123456789,"x":[1.50,1E400]}';
    const [one, two, three] = [stage.connect(), stage.connect(), stage.connect()];
    await one.subscribe("presence-a", `{"user_info":${info},"user_id":"ada"}`);
    expect(one.socket.frames.join()).toContain(JSON.stringify(`"ada":${info}`).slice(1, -1));
    one.received();
    await two.signIn(`{"id":"bob","user_info":${info}}`);
    await two.subscribe("presence-a");
    expect(one.socket.frames.join()).toContain(JSON.stringify(`"user_info":${info}`).slice(1, -1));
    await three.subscribe("presence-a", { user_id: "ada", user_info: 1 });
    expect(three.socket.frames.join()).toContain(JSON.stringify(`"bob":${info}`).slice(1, -1));
  });

  test("a user is added with the first connection and removed with the last", async () => {
    const activities = stage.listen("member_added", "member_removed");
    const [watcher, one, two] = [stage.connect(), stage.connect(), stage.connect()];
    await watcher.subscribe("presence-a", { user_id: "watcher" });
    watcher.received();
    for (const client of [one, two]) await client.subscribe("presence-a", ada);
    await one.unsubscribe("presence-a");
    await two.disconnect();
    expect(watcher.received()).toEqual([
      { event: "pusher_internal:member_added", channel: "presence-a", data: ada },
      { event: "pusher_internal:member_removed", channel: "presence-a", data: { user_id: "ada" } },
    ]);
    expect(activities.slice(1)).toEqual([
      { type: "member_added", appId: "1", channel: "presence-a", userId: "ada" },
      { type: "member_removed", appId: "1", channel: "presence-a", userId: "ada" },
    ]);
  });

  test("a full channel refuses a new user and accepts a second connection of a member", async () => {
    for (const user_id of ["ada", "bob"]) await stage.connect().subscribe("presence-a", { user_id });
    const [third, known] = [stage.connect(), stage.connect()];
    await third.subscribe("presence-a", { user_id: "eve" });
    const full = "The presence channel is full: it may have at most 2 members";
    expect(third.received()).toEqual(refusal("presence-a", "LimitReached", full, 403));
    await known.subscribe("presence-a", { user_id: "ada" });
    expect(known.received()).toMatchObject([{ event: succeeded }]);
  });

  test("a signed-in connection needs no channel_data, and another connection does", async () => {
    const [user, stranger] = [stage.connect(), stage.connect()];
    await user.signIn({ id: "ada", user_info: { name: "Ada" } });
    user.received();
    await user.subscribe("presence-a");
    expect(user.received()).toMatchObject([{ data: { presence: { hash: { ada: { name: "Ada" } } } } }]);
    await stranger.subscribe("presence-a");
    expect(stranger.received()).toMatchObject([{ data: { type: "AuthError", status: 401 } }, {}, {}]);
  });

  const broken: [string, string][] = [
    ["is no JSON", "{"],
    ["is a list", '["ada"]'],
    ["is null", "null"],
    ["has no user_id", "{}"],
    ["has an empty user_id", '{"user_id":""}'],
    ["has a user_id of 129 characters", `{"user_id":"${"x".repeat(129)}"}`],
    ["has a number as user_id that would lose digits", '{"user_id":12345678901234567890}'],
    ["has a user_id only in __proto__", '{"__proto__":{"user_id":"ada"}}'],
    ["is more than 1,024 bytes", `{"user_id":"ada","user_info":"${"é".repeat(512)}"}`],
  ];
  test("user_info of more than 512 levels is refused", async () => {
    stage.change({ presenceMemberBytesMax: 10_000 });
    const client = stage.connect();
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    await client.subscribe("presence-a", `{"user_id":"ada","user_info":${nested(513)}}`);
    const error = "The user_info in channel_data is nested too deeply";
    expect(client.received()).toEqual(refusal("presence-a", "LimitReached", error, 413));
    await client.subscribe("presence-a", `{"user_id":"ada","user_info":${nested(512)}}`);
    expect(client.received()).toMatchObject([{ event: succeeded }]);
  });

  test.each([
    ["a user_id of 128 characters", `{"user_id":"${"x".repeat(128)}"}`],
    ["the largest number that keeps its digits", `{"user_id":${Number.MAX_SAFE_INTEGER}}`],
    ["the maximum bytes", `{"user_id":"ada","user_info":"${"x".repeat(165)}"}`],
  ])("a member is accepted with %s", async (_what, channelData) => {
    stage.change({ presenceMemberBytesMax: 197 });
    const client = stage.connect();
    await client.subscribe("presence-a", channelData);
    expect(client.received()).toMatchObject([{ event: succeeded }]);
  });

  test("a subscription counts the bytes of the member's info", async () => {
    const client = stage.connect();
    await client.subscribe("presence-a", { user_id: "ada", user_info: "é" });
    await client.subscribe("presence-b", { user_id: "ada" });
    const bytes = ["presence-a", "presence-b"].map(
      (channel) => client.connection.subscriptions.get(channel)?.infoBytes,
    );
    expect(bytes).toEqual([4, 0]);
  });

  test.each(broken)("a member is refused if its channel_data %s", async (_why, channelData) => {
    stage.change({ presenceMemberBytesMax: 1_024 });
    const client = stage.connect();
    const auth = signed(`${client.connection.socketId}:presence-a:${channelData}`);
    const data = { channel: "presence-a", auth, channel_data: channelData };
    await client.send({ event: "pusher:subscribe", data });
    expect(client.received()).toMatchObject([{ event: "pusher:subscription_error" }, {}, {}]);
    expect(stage.bugs).toEqual([]);
  });
});
