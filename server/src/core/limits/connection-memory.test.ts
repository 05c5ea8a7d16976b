import { expect, test } from "bun:test";
import { type FakeClient, startProtocol } from "../../../test/support/protocol-stage.ts";

const limits = { perApp: 10_000, inAll: 10_000 };
const succeeded = "pusher_internal:subscription_succeeded";

/** The last frame that the client received: its event, or the message of an error. */
function reported(client: FakeClient): unknown {
  const last = client.received().at(-1) as { event: string; data: { message?: string } };
  return last.data.message ?? last.event;
}

const full = expect.stringContaining("The app's subscriptions need more memory than this server allows");

test("subscriptions beyond an app's bytes are refused until others end", async () => {
  const stage = startProtocol({ subscriptionBytesMax: limits });
  const [one, two, three] = [stage.connect(), stage.connect(), stage.connect()];
  const enter = (client: FakeClient, channel: string) =>
    client.subscribe(channel, { user_id: "ada", user_info: "x".repeat(900) });
  for (const [index, client] of [one, two, three].entries()) await enter(client, `presence-${index}`);
  expect([reported(one), reported(two), reported(three)]).toEqual([succeeded, succeeded, succeeded]);
  await enter(three, "presence-more");
  expect([reported(three), three.socket.closed]).toEqual([full, null]);
  await two.unsubscribe("presence-1");
  await enter(three, "presence-more");
  expect(reported(three)).toBe(succeeded);
  await one.disconnect();
  await enter(two, "presence-1");
  expect(reported(two)).toBe(succeeded);
});

test("a public channel counts the bytes of its name, and a user those of its data", async () => {
  const stage = startProtocol({ subscriptionBytesMax: limits });
  const client = stage.connect();
  await client.signIn({ id: "ada", user_info: "x".repeat(3_000) });
  for (const number of [1, 2]) await client.subscribe(`${"x".repeat(190)}-${number}`);
  await client.subscribe("x".repeat(191));
  expect([reported(client), client.connection.subscriptions.size()]).toEqual([full, 2]);
  const other = stage.connect();
  await other.signIn({ id: "bob", user_info: "x".repeat(3_000) });
  expect(reported(other)).toEqual(
    expect.stringContaining("The app's signed-in users need more memory than this server allows"),
  );
  expect(other.connection.user).toBeNull();
});

test("a refused or failed subscription and a closed connection release their bytes", async () => {
  const stage = startProtocol({ subscriptionBytesMax: limits, settings: { presenceMembersMax: 1 } });
  const first = stage.connect();
  await first.subscribe("presence-a", { user_id: "ada" });
  const client = stage.connect();
  for (let tried = 0; tried < 20; tried++) await client.subscribe("presence-a", { user_id: "bob" });
  expect(client.connection.keptBytes).toBe(0);
  await client.signIn({ id: "bob" });
  await client.send({ event: "pusher:subscribe", data: { channel: "#server-to-user-bob" } });
  stage.roster.join = () => Promise.reject(new Error("not expected"));
  await client.subscribe("news");
  expect(client.connection.keptBytes).toBeGreaterThan(0);
  for (const gone of [client, first]) {
    await gone.disconnect();
    expect(gone.connection.keptBytes).toBe(0);
  }
});

test("each user on a watchlist counts, because each is a topic of the runtime", async () => {
  const watchlist = Array.from({ length: 10 }, (_, number) => `u${number}`);
  const stage = startProtocol({ subscriptionBytesMax: limits, settings: { watchlistEnabled: true } });
  const [one, two] = [stage.connect(), stage.connect()];
  await one.signIn({ id: "ada", watchlist });
  await two.signIn({ id: "bob", watchlist });
  expect([one.connection.user?.id, two.connection.user]).toEqual(["ada", null]);
});
