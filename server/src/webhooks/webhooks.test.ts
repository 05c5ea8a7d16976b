import { expect, test } from "bun:test";
import { fromNowhere } from "../../test/support/net/from-nowhere.ts";
import { until } from "../../test/support/until.ts";
import { useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";
import { webhookProblem } from "../core/webhooks/webhook.ts";
import { saveConfiguredWebhooks } from "./configured-webhooks.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("each request to a receiver appears in the app's live feed", async () => {
  const receiver = await stage.start();
  const reported: unknown[] = [];
  stage.activity.on("webhook_attempted", ({ durationMs: _, ...facts }) => reported.push(facts));
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  await stage.passUntil(
    "the request to be reported",
    until("the request to be reported", () => reported.length > 0),
  );
  expect(reported).toEqual([
    expect.objectContaining({
      appId: "1",
      events: 1,
      status: 200,
      state: "delivered",
      type: "webhook_attempted",
    }),
  ]);
});

test("an event arrives as the stock SDKs and the Standard Webhooks library verify it", async () => {
  const receiver = await stage.start();
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  const [event] = await stage.arrive(receiver, 1);
  expect(event).toEqual({ name: "channel_occupied", channel: "room" });
  const [request] = receiver.requests;
  expect(request?.headers["content-type"]).toBe("application/json");
  expect(request?.headers["x-pusher-key"]).toBe("key1");
  expect(request).toMatchObject({ isPusherValid: true, isStandardValid: true });
  expect(request?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
});

test("every event type has Pusher's fields", async () => {
  const receiver = await stage.start();
  const at = { appId: "1", channel: "presence-a" } as const;
  stage.activity.emit({ type: "member_added", revision: 1, ...at, userId: "u" });
  stage.activity.emit({ type: "cache_miss", ...at });
  stage.activity.emit({ type: "subscription_count", revision: 1, ...at, subscriptionCount: 3 });
  stage.activity.emit({
    type: "client_event",
    ...at,
    event: "client-x",
    data: "{}",
    socketId: "1.2",
    userId: "u",
    ...fromNowhere,
  });
  stage.activity.emit({
    type: "client_event",
    ...at,
    event: "client-y",
    data: "d",
    socketId: "1.2",
    userId: null,
    ...fromNowhere,
  });
  stage.activity.emit({ type: "user_online", revision: 1, appId: "1", userId: "u" });
  const channel = "presence-a";
  const events = await stage.arrive(receiver, 6);
  expect(events.filter((one) => one.channel === channel)).toEqual([
    { name: "member_added", channel, user_id: "u" },
    { name: "cache_miss", channel },
    { name: "subscription_count", channel, subscription_count: 3 },
    { name: "client_event", channel, event: "client-x", data: "{}", socket_id: "1.2", user_id: "u" },
    { name: "client_event", channel, event: "client-y", data: "d", socket_id: "1.2" },
  ]);
  expect(events).toContainEqual({ name: "user_online", user_id: "u" });
});

test("a request has one event without batching, and all waiting events with batching", async () => {
  const single = await stage.start();
  const batching = await stage.addReceiver({ isBatching: true });
  for (let index = 0; index < 30; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  await stage.arrive(single, 30);
  await stage.arrive(batching, 30);
  expect(single.requests.every(({ events }) => events.length === 1)).toBe(true);
  expect(batching.requests).toHaveLength(1);
  expect(batching.requests[0]).toMatchObject({ isPusherValid: true, isStandardValid: true });
});

test("types and filters select the events of a webhook", async () => {
  const receiver = await stage.start({
    events: ["cache_miss"],
    filters: { prefix: ["cache-"], suffix: [], glob: ["*-eu-?"] },
  });
  for (const channel of ["cache-eu-1", "cache-us-1", "private-cache-eu-1", "cache-x-eu-2"]) {
    stage.activity.emit({ type: "cache_miss", appId: "1", channel });
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel });
  }
  await stage.arrive(receiver, 2);
  await stage.clockPasses(10_000);
  expect(receiver.events().map(({ channel }) => channel)).toEqual(["cache-eu-1", "cache-x-eu-2"]);
});

test("an app's events never reach another app's webhook", async () => {
  const one = await stage.start();
  const other = await stage.addReceiver({ appId: "2" });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "of-one" });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "2", channel: "of-two" });
  await stage.arrive(one, 1);
  await stage.arrive(other, 1);
  expect(one.events().map(({ channel }) => channel)).toEqual(["of-one"]);
  expect(other.events().map(({ channel }) => channel)).toEqual(["of-two"]);
  expect(other.requests[0]?.headers["x-pusher-key"]).toBe("key2");
});

test.each([
  [{ url: "ftp://example.com" }, "https://"],
  [{ url: "https://a:b@example.com" }, "user"],
  [{ events: [] }, "at least one event"],
  [{ events: ["unknown"] }, '"unknown" is not one of the events'],
  [{ filters: { regex: "a" } }, '"regex" is not one of the filters'],
  [{ filters: { glob: [""] } }, "The filter glob must be"],
  [{ filters: { prefix: Array(51).fill("a") } }, "The filter prefix must be"],
  [{ headers: { host: "a" } }, "reserved"],
])(
  "the webhook %j is refused, and a start with it in the config file is refused with the same message",
  async (wrong, words) => {
    const right = { url: "https://example.com", events: ["cache_miss"], filters: {}, headers: {} };
    const choices = { ...right, ...wrong };
    expect(webhookProblem(choices)).toContain(words);
    await stage.start();
    await stage.stopWebhooks();
    const sentence = `Webhook 2 of the config file is wrong: ${webhookProblem(choices)}`;
    await expect(stage.startWebhooks({}, [right, choices])).rejects.toThrow(sentence);
    expect(await stage.store.list()).toHaveLength(1);
  },
);

test("webhooks of the config file are synchronized at the start", async () => {
  const receiver = await stage.start();
  await stage.stopWebhooks();
  const configured = [{ url: `${receiver.url}/1`, events: ["cache_miss"], filters: { prefix: "a" } }];
  await stage.startWebhooks({}, configured);
  const [made] = (await stage.store.list()).filter(({ id }) => id !== "w1");
  expect(made).toMatchObject({ appId: "1", events: ["cache_miss"], filters: { prefix: ["a"] } });
  await stage.stopWebhooks();
  await stage.startWebhooks({}, []);
  expect((await stage.store.list()).map(({ id }) => id)).toEqual(["w1"]);
});

test("nodes that start at the same time create the webhooks of their config file once", async () => {
  await stage.startWebhooks();
  const configured = [{ url: "https://example.com", events: ["cache_miss"] }];
  const saves = ["first", "second"].map(() => saveConfiguredWebhooks(stage.store, "1", configured, 0));
  await Promise.all(saves);
  expect(await stage.store.list()).toMatchObject([{ appId: "1", url: "https://example.com" }]);
});

test("a test sends one signed event and returns the response", async () => {
  const receiver = await stage.start({}, { answer: () => new Response("hello", { status: 202 }) });
  const [webhook] = await stage.store.list();
  if (webhook === undefined) throw new Error("no webhook");
  expect((await stage.webhooks.test(webhook)).attempt).toMatchObject({ status: 202, answer: "hello" });
  expect(receiver.requests[0]).toMatchObject({ isPusherValid: true, isStandardValid: true });
});
