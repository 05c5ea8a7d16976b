import { beforeEach, expect, test } from "bun:test";
import { type FakeClient, type Stage, startProtocol } from "../../test/support/protocol-stage.ts";

let stage: Stage;
let activities: object[];

beforeEach(() => {
  stage = startProtocol({ settings: { subscriptionCountEnabled: true } });
  activities = stage.listen("subscription_count");
});

async function crowd(size: number): Promise<FakeClient[]> {
  const clients = Array.from({ length: size }, () => stage.connect());
  for (const client of clients) await client.subscribe("news");
  return clients;
}

function counts(): unknown[] {
  return activities.splice(0).map((one) => "subscriptionCount" in one && one.subscriptionCount);
}

test("subscribers of a small channel receive each change of the count immediately", async () => {
  const [one, two] = await crowd(2);
  await two?.unsubscribe("news");
  const frame = (subscription_count: number) => ({
    event: "pusher_internal:subscription_count",
    channel: "news",
    data: { subscription_count },
  });
  expect(one?.received().slice(1)).toEqual([frame(1), frame(2), frame(1)]);
  expect(two?.received().slice(1)).toEqual([frame(2)]);
});

test("above 100 the newest count is sent every five seconds while it changes", async () => {
  const clients = await crowd(103);
  expect(counts().slice(-2)).toEqual([100, 101]);
  stage.clock.advance(4_999);
  expect(counts()).toEqual([]);
  stage.clock.advance(1);
  expect(counts()).toEqual([103]);
  stage.clock.advance(60_000);
  expect(counts()).toEqual([]);
  await clients[0]?.unsubscribe("news");
  expect(counts()).toEqual([102]);
});

test("a large channel that became small receives counts immediately again", async () => {
  const clients = await crowd(101);
  await clients[0]?.unsubscribe("news");
  counts();
  stage.clock.advance(5_000);
  await clients[1]?.unsubscribe("news");
  await clients[2]?.unsubscribe("news");
  expect(counts()).toEqual([100, 99, 98]);
});

test("a scheduled count is not sent after counts are disabled or the app is deleted", async () => {
  const clients = await crowd(102);
  counts();
  stage.change({ subscriptionCountEnabled: false });
  stage.clock.advance(5_000);
  stage.change({ subscriptionCountEnabled: true });
  await clients[0]?.unsubscribe("news");
  expect(counts()).toEqual([]);
  stage.clock.advance(5_000);
  expect(counts()).toEqual([101]);
  await clients[1]?.unsubscribe("news");
  stage.registry.remove("1");
  stage.clock.advance(5_000);
  expect(counts()).toEqual([]);
});

test("presence channels and apps without the setting receive no counts", async () => {
  await stage.connect().subscribe("presence-a", { user_id: "ada" });
  stage.change({ subscriptionCountEnabled: false });
  await crowd(2);
  expect(counts()).toEqual([]);
});
