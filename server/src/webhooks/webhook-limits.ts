/** Every limit of webhooks, with its default. */

export interface WebhookLimits {
  /** How long somebody who left may stay away before it is told. */
  readonly departureDelayMs: number;
  readonly flushIntervalMs: number;
  /** Events that wait in memory for the database; those beyond are refused and counted. */
  readonly bufferedEventsMax: number;
  readonly eventsPerWriteMax: number;
  /** Deliveries that one webhook may have waiting; those beyond are refused and counted. */
  readonly pendingPerWebhookMax: number;
  /** At once, of all webhooks. */
  readonly requestsMax: number;
  readonly requestsPerAppMax: number;
  readonly requestsPerWebhookMax: number;
  readonly eventsPerRequestMax: number;
  readonly requestBytesMax: number;
  /** For a whole exchange, name lookup included. */
  readonly timeoutMs: number;
  /** From the event, or its replay, to giving up. */
  readonly retryWindowMs: number;
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** Failures in a row after which a webhook gets one request at a time, ever more rarely. */
  readonly failuresBeforePause: number;
  readonly deliveredRetentionMs: number;
  readonly deadRetentionMs: number;
  readonly keptPerWebhookMax: number;
  /** From one look at the outbox to the next. */
  readonly tickMs: number;
  /** The same while there is no webhook and the outbox is empty. */
  readonly restMs: number;
  readonly leaseMs: number;
  /** From one count of all that waits to the next, at least. */
  readonly countIntervalMs: number;
  readonly sweepIntervalMs: number;
}

const hourMs = 3_600_000;

export const defaultWebhookLimits: WebhookLimits = {
  departureDelayMs: 3_000,
  flushIntervalMs: 50,
  bufferedEventsMax: 10_000,
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
  leaseMs: 15_000,
  countIntervalMs: 5_000,
  sweepIntervalMs: 60_000,
};
