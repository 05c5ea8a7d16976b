/** Webhooks are read again after each change of any webhook, and an app is reported again: nothing may begin again. */
import { expect, test } from "bun:test";
import { fromNowhere } from "../../test/support/net/from-nowhere.ts";
import { until } from "../../test/support/until.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

const channels = ["private-a", "private-b", "private-c"];

function emit(data: string): void {
  const sender = { userId: null, event: "client-x", socketId: "1.1", ...fromNowhere };
  for (const channel of channels)
    stage.activity.emit({ type: "client_event", appId: "1", channel, data, ...sender });
}

/** Saves the webhook without a change, and reports the app and the webhooks again. */
async function readAgain(): Promise<void> {
  const [webhook] = await stage.store.list();
  if (webhook === undefined) throw new Error("no webhook");
  await stage.store.save(webhook);
  stage.changeSettings("1", {});
  await stage.webhooks.changed();
}

async function clockPassesReadingAgain(ms: number, stepMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    await readAgain();
    await stage.clockPasses(stepMs, stepMs);
  }
}

test.each([{ isBatching: false }, { isBatching: true }])(
  "webhooks that are read again all the time keep their pause, their order and their figures (%j)",
  async (chosen) => {
    let isDown = true;
    const answer = () => statusAnswer(isDown ? 500 : 200);
    // On a busy machine much of the test's time passes during a request.
    const receiver = await stage.start(chosen, { answer }, { retryWindowMs: 86_400_000 });
    emit("1");
    await stage.passUntil(
      "a pause",
      until("a paused webhook", () => stage.webhooks.circuit("w1")?.isPaused === true),
      500,
    );
    const { failuresInARow = 0 } = stage.webhooks.circuit("w1") ?? {};
    const { peak } = stage.webhooks.requestsOf("1") ?? {};
    emit("2");
    const requests = receiver.requests.length;
    await clockPassesReadingAgain(30_000, 250);
    // The pauses double from one second on.
    expect(receiver.requests.length - requests).toBeLessThanOrEqual(6);
    expect(stage.webhooks.circuit("w1")?.isPaused).toBe(true);
    expect(stage.webhooks.circuit("w1")?.failuresInARow).toBeGreaterThanOrEqual(failuresInARow);
    expect(stage.webhooks.requestsOf("1")?.peak).toBe(peak ?? -1);
    expect(stage.webhooks.figures.pending).toBe(channels.length * 2);
    isDown = false;
    emit("3");
    const arrived = stage.passUntil("all events", receiver.eventCount(channels.length * 3), 500);
    for (let time = 0; time < 20; time += 1) await readAgain();
    const events = await arrived;
    await clockPassesReadingAgain(10_000, 500);
    expect(receiver.events()).toHaveLength(events.length);
    for (const channel of channels)
      expect(events.filter((one) => one.channel === channel).map(({ data }) => data)).toEqual([
        "1",
        "2",
        "3",
      ]);
    expect(stage.webhooks.figures).toMatchObject({ pending: 0, dead: 0, refused: 0 });
  },
);

test("the highest number of requests of an app stays while its only webhook is disabled, and ends with the webhook", async () => {
  const receiver = await stage.start();
  emit("1");
  await stage.arrive(receiver, channels.length);
  const [webhook] = await stage.store.list();
  if (webhook === undefined) throw new Error("no webhook");
  await stage.store.save({ ...webhook, isEnabled: false });
  await stage.webhooks.changed();
  expect(stage.webhooks.requestsOf("1")?.peak).toBeGreaterThan(0);
  await stage.store.delete("1", webhook.id);
  await stage.webhooks.changed();
  expect(stage.webhooks.requestsOf("1")).toBeNull();
});

test("a departure that waits for a return is not forgotten or sent twice when webhooks are read again", async () => {
  const receiver = await stage.start();
  const channel = { appId: "1", channel: "room" };
  stage.activity.emit({ type: "channel_vacated", revision: 1, ...channel });
  await clockPassesReadingAgain(2_000, 100);
  expect(receiver.requests).toEqual([]);
  stage.activity.emit({ type: "channel_occupied", revision: 2, ...channel });
  stage.activity.emit({ type: "channel_vacated", revision: 3, appId: "1", channel: "other" });
  await clockPassesReadingAgain(10_000, 500);
  expect(await stage.arrive(receiver, 1)).toEqual([{ name: "channel_vacated", channel: "other" }]);
});
