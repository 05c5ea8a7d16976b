import { expect, test } from "bun:test";
import type { Circuit } from "../ports/webhook-control.ts";
import type { Tally } from "../ports/webhook-history.ts";
import { healthOf, type WebhookState } from "./webhook-health.ts";

const nowMs = 1_000_000;
const nothing: Tally = {
  webhookId: "w1",
  waiting: 0,
  waitingSinceMs: null,
  nextAttemptAtMs: null,
  givenUp: 0,
  lastDeliveredAtMs: null,
};
const waiting = { ...nothing, waiting: 2, waitingSinceMs: 1 };
const delivered = { ...nothing, lastDeliveredAtMs: 1 };
const closed: Circuit = { failuresInARow: 0, isPaused: false, pausedUntilMs: 0 };
const failing: Circuit = { ...closed, failuresInARow: 2 };
const paused: Circuit = { failuresInARow: 5, isPaused: true, pausedUntilMs: nowMs + 500 };

test.each<[string, boolean, Tally, Circuit | null, WebhookState, number | null]>([
  ["that nothing was sent to", true, nothing, closed, "unused", null],
  ["whose first event is about to go out", true, waiting, closed, "unused", null],
  ["that was delivered to", true, delivered, closed, "well", null],
  ["whose latest request failed", true, waiting, failing, "failing", null],
  ["that waits for a retry", true, { ...waiting, nextAttemptAtMs: nowMs + 9 }, failing, "failing", nowMs + 9],
  [
    "that another node tries again",
    true,
    { ...waiting, nextAttemptAtMs: nowMs + 9 },
    null,
    "failing",
    nowMs + 9,
  ],
  ["that another node delivers to", true, delivered, null, "well", null],
  ["that failed again and again", true, waiting, paused, "paused", nowMs + 500],
  ["whose retry is due now", true, { ...waiting, nextAttemptAtMs: nowMs }, closed, "unused", null],
  ["that failed again and again, with nothing to send", true, delivered, paused, "paused", null],
  ["that gave up its only event", true, { ...nothing, givenUp: 1 }, closed, "well", null],
  ["that is disabled while it fails", false, waiting, paused, "disabled", null],
])("the health of a webhook %s", (_, isEnabled, tally, circuit, state, nextAttemptAtMs) => {
  expect(healthOf({ isEnabled }, tally, circuit, nowMs)).toMatchObject({ state, nextAttemptAtMs });
});
