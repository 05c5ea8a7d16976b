import { expect, test } from "bun:test";
import { enter } from "../../test/support/fakes/memory-cluster.ts";
import { useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("a departure is sent after three seconds without a return", async () => {
  const receiver = await stage.start();
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(2_900);
  expect(receiver.events()).toEqual([]);
  expect(await stage.arrive(receiver, 1)).toEqual([{ name: "channel_vacated", channel: "room" }]);
});

test("a return within the delay cancels both", async () => {
  const receiver = await stage.start();
  stage.activity.emit({
    type: "member_removed",
    revision: 1,
    appId: "1",
    channel: "presence-a",
    userId: "u",
  });
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "presence-a" });
  await stage.clockPasses(1_000);
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "presence-a" });
  stage.activity.emit({ type: "member_added", revision: 1, appId: "1", channel: "presence-a", userId: "u" });
  stage.activity.emit({ type: "member_added", revision: 1, appId: "1", channel: "presence-a", userId: "v" });
  await stage.arrive(receiver, 1);
  await stage.clockPasses(10_000);
  expect(receiver.events()).toEqual([{ name: "member_added", channel: "presence-a", user_id: "v" }]);
});

test("an immediate return cancels both before anything is written", async () => {
  const receiver = await stage.start();
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "room" });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(10_000);
  expect(receiver.requests).toEqual([]);
});

test("a webhook with only channel_occupied gets no event for a return", async () => {
  const receiver = await stage.start({ events: ["channel_occupied"] });
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(1_000);
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(10_000);
  expect(receiver.requests).toEqual([]);
});

test("a return whose departure another node has not written yet is not delivered, and neither is the departure", async () => {
  const receiver = await stage.start();
  await enter(stage.roster, "room");
  const room = { appId: "1", channel: "room" };
  stage.activity.emit({ type: "channel_occupied", revision: 2, ...room, awayMs: 200 });
  await stage.clockPasses(1_000);
  stage.activity.emit({ type: "channel_vacated", revision: 1, ...room });
  await stage.clockPasses(20_000);
  expect(receiver.requests).toEqual([]);
  stage.activity.emit({ type: "channel_occupied", revision: 4, ...room, awayMs: 3_000 });
  expect(await stage.arrive(receiver, 1)).toEqual([{ name: "channel_occupied", channel: "room" }]);
});

test("a departure that the roster contradicts is not delivered", async () => {
  const receiver = await stage.start();
  await enter(stage.roster, "room");
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(10_000);
  expect(receiver.requests).toEqual([]);
});

test("simultaneous departures are sent in the order in which they happened", async () => {
  const receiver = await stage.start();
  const channels = Array.from({ length: 20 }, (_, index) => `presence-${index}`);
  for (const channel of channels)
    for (const userId of ["u", "v"])
      stage.activity.emit({ type: "member_removed", revision: 1, appId: "1", channel, userId });
  for (const channel of channels)
    stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel });
  const events = await stage.arrive(receiver, 60);
  for (const channel of channels)
    expect(events.filter((one) => one.channel === channel)).toEqual([
      { name: "member_removed", channel, user_id: "u" },
      { name: "member_removed", channel, user_id: "v" },
      { name: "channel_vacated", channel },
    ]);
});

test("a departure is not sent if the member is back but the return is not written yet", async () => {
  const receiver = await stage.start();
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(2_900);
  await enter(stage.roster, "room");
  await stage.clockPasses(1_000);
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(20_000);
  expect(receiver.requests).toEqual([]);
  expect(await stage.outbox.dueDepartures(10)).toEqual([]);
});

test("a departure survives a restart", async () => {
  const receiver = await stage.start();
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "room" });
  await stage.clockPasses(1_000);
  await stage.stopWebhooks();
  await stage.startWebhooks();
  expect(await stage.arrive(receiver, 1)).toEqual([{ name: "channel_vacated", channel: "room" }]);
});

test("activity just before a stop is in the outbox when the stop ends", async () => {
  const receiver = await stage.start();
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  stage.activity.emit({ type: "channel_vacated", revision: 2, appId: "1", channel: "hall" });
  await stage.webhooks.stop();
  expect(await stage.outbox.due("w1", [], 10)).toHaveLength(1);
  await stage.startWebhooks();
  const events = await stage.arrive(receiver, 2);
  expect(events.map(({ name }) => name)).toEqual(["channel_occupied", "channel_vacated"]);
});
