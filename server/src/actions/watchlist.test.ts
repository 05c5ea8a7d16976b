import { beforeEach, expect, spyOn, test } from "bun:test";
import { type FakeClient, type Stage, startProtocol } from "../../test/support/protocol-stage.ts";

let stage: Stage;
let client: FakeClient;

beforeEach(() => {
  stage = startProtocol({ settings: { watchlistEnabled: true } });
  client = stage.connect();
});

test("a sign-in with a watchlist is confirmed once the engine watches its users", async () => {
  const { promise: watching, resolve } = Promise.withResolvers<void>();
  spyOn(stage.roster, "watch").mockReturnValue(watching);
  const signingIn = client.signIn({ id: "ada", watchlist: ["bob"] });
  expect(client.received()).toEqual([]);
  resolve();
  await signingIn;
  expect(client.received()).toMatchObject([
    { event: "pusher:signin_success" },
    { event: "pusher_internal:watchlist_events" },
  ]);
});

test("the users of a watchlist are watched until the connection closes", async () => {
  const [watch, unwatch] = [spyOn(stage.roster, "watch"), spyOn(stage.roster, "unwatch")];
  await client.signIn({ id: "ada", watchlist: ["bob", "eve"] });
  expect([watch.mock.calls, unwatch.mock.calls]).toEqual([[["1", ["bob", "eve"]]], []]);
  await client.disconnect();
  expect(unwatch.mock.calls).toEqual([["1", ["bob", "eve"]]]);
});

test("without a watchlist nobody is watched", async () => {
  const [watch, unwatch] = [spyOn(stage.roster, "watch"), spyOn(stage.roster, "unwatch")];
  await client.signIn({ id: "ada" });
  await client.disconnect();
  expect([watch.mock.calls, unwatch.mock.calls]).toEqual([[], []]);
});
