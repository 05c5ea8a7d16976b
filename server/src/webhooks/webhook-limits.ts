/** All limits of webhooks with their defaults. */
import type { ByteLimits } from "../core/limits/byte-budget.ts";

export interface WebhookLimits {
  /** How long a departure waits for a return before it is sent. */
  readonly departureDelayMs: number;
  readonly flushIntervalMs: number;
  /** Events that wait in memory for the database. Events above the limit are dropped and counted. */
  readonly bufferedEventsMax: number;
  /** The same in estimated bytes, for one app and for all. */
  readonly bufferedBytesMax: ByteLimits;
  readonly eventsPerWriteMax: number;
  /** Pending deliveries of one webhook. Deliveries above the limit are dropped and counted. */
  readonly pendingPerWebhookMax: number;
  /** Concurrent requests of all webhooks. */
  readonly requestsMax: number;
  readonly requestsPerAppMax: number;
  readonly requestsPerWebhookMax: number;
  readonly eventsPerRequestMax: number;
  readonly requestBytesMax: number;
  /** The time limit of a whole exchange, including the name lookup. */
  readonly timeoutMs: number;
  /** The time from the event, or its replay, to the permanent failure. */
  readonly retryWindowMs: number;
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** Consecutive failures after which a webhook gets one request at a time, at growing intervals. */
  readonly failuresBeforePause: number;
  readonly deliveredRetentionMs: number;
  readonly deadRetentionMs: number;
  readonly keptPerWebhookMax: number;
  /** The interval of reading the outbox. */
  readonly tickMs: number;
  /** The interval of looking for a webhook while there is none and the outbox is empty. */
  readonly restMs: number;
  /** The interval of doing all work on the outbox meanwhile. */
  readonly restSweepMs: number;
  readonly leaseMs: number;
  /** The minimum interval of counting all pending deliveries. */
  readonly countIntervalMs: number;
  readonly sweepIntervalMs: number;
}

const hourMs = 3_600_000;

export const defaultWebhookLimits: WebhookLimits = {
  departureDelayMs: 3_000,
  flushIntervalMs: 50,
  bufferedEventsMax: 10_000,
  bufferedBytesMax: { perApp: 8 * 1_048_576, inAll: 32 * 1_048_576 },
  eventsPerWriteMax: 500,
  pendingPerWebhookMax: 50_000,
  requestsMax: 200,
  requestsPerAppMax: 50,
  requestsPerWebhookMax: 10,
  eventsPerRequestMax: 100,
  requestBytesMax: 262_144,
  timeoutMs: 4_000,
  retryWindowMs: 300_000,
  backoffFirstMs: 1_000,
  backoffMaxMs: 60_000,
  failuresBeforePause: 5,
  deliveredRetentionMs: 24 * hourMs,
  deadRetentionMs: 7 * 24 * hourMs,
  keptPerWebhookMax: 10_000,
  tickMs: 500,
  restMs: 5_000,
  restSweepMs: 600_000,
  leaseMs: 15_000,
  countIntervalMs: 5_000,
  sweepIntervalMs: 60_000,
};
