import { expect, test } from "bun:test";
import { startProtocol } from "../../test/support/protocol-stage.ts";

test("a closed connection leaves its channels and its user, and the others are notified", async () => {
  const stage = startProtocol();
  const activities = stage.listen("member_removed", "channel_vacated", "user_offline", "connection_closed");
  const [gone, other] = [stage.connect(), stage.connect()];
  await gone.signIn({ id: "ada" });
  await gone.subscribe("presence-a", { user_id: "ada" });
  await other.subscribe("presence-a", { user_id: "bob" });
  await gone.subscribe("news");
  other.received();
  await gone.disconnect();
  expect(other.received()).toMatchObject([
    { event: "pusher_internal:member_removed", data: { user_id: "ada" } },
  ]);
  const memberships = [{ userId: "ada", channel: "presence-a" }];
  expect(activities.at(-1)).toMatchObject({ type: "connection_closed", code: 1001, memberships });
  expect(new Set(activities.slice(0, -1))).toEqual(
    new Set([
      { type: "member_removed", appId: "1", channel: "presence-a", userId: "ada" },
      { type: "channel_vacated", appId: "1", channel: "news" },
      { type: "user_offline", appId: "1", userId: "ada" },
    ]),
  );
  expect([stage.hub.find("1", gone.connection.socketId), stage.hub.connectionCount]).toEqual([null, 1]);
});

test("the app's current settings decide which changes others are notified of", async () => {
  const stage = startProtocol({ settings: { watchlistEnabled: false } });
  const [gone, other] = [stage.connect(), stage.connect()];
  for (const client of [gone, other]) await client.subscribe("news");
  await gone.signIn({ id: "ada" });
  stage.change({ subscriptionCountEnabled: true, watchlistEnabled: true });
  await other.signIn({ id: "bob", watchlist: ["ada"] });
  other.received();
  await gone.disconnect();
  expect(other.received()).toMatchObject([
    { event: "pusher_internal:subscription_count", data: { subscription_count: 1 } },
    { event: "pusher_internal:watchlist_events", data: { events: [{ name: "offline", user_ids: ["ada"] }] } },
  ]);
});

test("a connection of a deleted app leaves its channels, too", async () => {
  const stage = startProtocol();
  const client = stage.connect();
  await client.subscribe("news");
  stage.registry.remove("1");
  await client.disconnect();
  expect((await stage.roster.counts("1", "news")).subscriptionCount).toBe(0);
});

test("terminating a user without connections does nothing", async () => {
  const stage = startProtocol();
  const [gone, other] = [stage.connect(), stage.connect()];
  for (const client of [gone, other]) await client.signIn({ id: "ada" });
  await gone.disconnect();
  expect([...stage.hub.connectionsOfUser("1", "ada")]).toEqual([other.connection]);
  await other.disconnect();
  stage.connect();
  expect([...stage.hub.connectionsOfUser("1", "ada")]).toEqual([]);
});

test("messages that wait when the connection closes are not handled", async () => {
  const stage = startProtocol();
  const client = stage.connect();
  const gone = client.disconnect();
  client.sendNow(client.subscription("news"));
  await gone;
  await client.settled();
  expect((await stage.roster.channels("1", "")).size).toBe(0);
});

test("a failure in one channel does not keep the connection in others, and is reported", async () => {
  const stage = startProtocol();
  const { roster } = stage;
  const activities = stage.listen("user_offline", "channel_vacated", "connection_closed");
  const client = stage.connect();
  await client.signIn({ id: "ada" });
  for (const channel of ["stuck", "news"]) await client.subscribe(channel);
  const leave = roster.leave.bind(roster);
  roster.leave = (request) =>
    request.channel === "stuck" ? Promise.reject(new Error("the broker is unreachable")) : leave(request);
  await expect(client.disconnect()).rejects.toMatchObject({
    errors: [new Error("the broker is unreachable")],
  });
  expect(activities.map((one) => "type" in one && one.type).sort()).toEqual([
    "channel_vacated",
    "connection_closed",
    "user_offline",
  ]);
});
