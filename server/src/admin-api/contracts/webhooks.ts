/** The types of `/api/v1` for webhooks and their deliveries. */
import { z } from "zod";
import {
  eventsProblem,
  filtersOf,
  filtersProblem,
  headerNamePattern,
  headerValuePattern,
  urlProblem,
  webhookEventTypes,
  webhookLimits,
} from "../../core/webhooks/webhook.ts";
import { webhookStates } from "../../core/webhooks/webhook-health.ts";
import { count, nameSchemas, nextCursor, pageQuery, time } from "./common.ts";

// The core's rules check the values, with better messages than zod. `meta` puts them into the document.
const { urlLengthMax, filtersMax, filterLengthMax, headersMax, headerValueLengthMax } = webhookLimits;
const filterText = z.string().meta({ minLength: 1, maxLength: filterLengthMax });
const patterns = z
  .union([filterText, z.array(filterText).meta({ maxItems: filtersMax })])
  .optional()
  .describe("One or several; the channel's name must match one of them");
const filters = z
  .strictObject({ prefix: patterns, suffix: patterns, glob: patterns })
  .superRefine(inWordsOf(filtersProblem))
  .transform(filtersOf)
  .describe("Every given kind must match. In a glob, * matches any characters and ? matches one");
const url = z
  .string()
  .superRefine(inWordsOf(urlProblem))
  .meta({ format: "uri", pattern: "^[Hh][Tt][Tt][Pp][Ss]?:", minLength: 1, maxLength: urlLengthMax });
const eventType = z.enum(webhookEventTypes);
const events = z.array(eventType).superRefine(inWordsOf(eventsProblem)).meta({ minItems: 1 });
const headers = z
  .record(
    z.string().meta({ pattern: headerNamePattern.source }),
    z.string().meta({ maxLength: headerValueLengthMax, pattern: headerValuePattern.source }),
  )
  .meta({ maxProperties: headersMax })
  .describe("Sent with each request; their values are never shown again");

/** Why a webhook that fits its schema is refused. */
export const webhookRefused =
  "The URL has a user or password, or is not at a public address, or a header is reserved";

export const createWebhookBody = z.strictObject({
  url,
  events,
  batching: z.boolean().default(false).describe("Several events in one request, or exactly one"),
  filters: filters.prefault({}),
  headers: headers.default({}),
  enabled: z.boolean().default(true),
});
export const changeWebhookBody = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  batching: z.boolean().optional(),
  filters: filters.optional(),
  headers: headers.optional(),
  enabled: z.boolean().optional(),
});

const webhook = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(eventType),
  batching: z.boolean(),
  filters: z.object({
    prefix: z.array(z.string()),
    suffix: z.array(z.string()),
    glob: z.array(z.string()),
  }),
  headerNames: z.array(z.string()),
  enabled: z.boolean(),
  disabledReason: z.string().nullable().describe("Why the server disabled it; null if it did not"),
  createdAt: time,
});
const health = z.object({
  state: z
    .enum(webhookStates)
    .describe(
      "failing: the latest request failed and is retried; paused: after repeated failures only occasional requests are sent",
    ),
  failuresInARow: count.nullable().describe("Null if another node delivers"),
  waiting: count.describe("Pending deliveries"),
  waitingSince: time.nullable(),
  nextAttemptAt: time.nullable().describe("Null if nothing is pending, or it is sent immediately"),
  givenUp: count.describe("Failed deliveries that are still stored"),
  lastDeliveredAt: time.nullable(),
});
const webhookInUse = webhook.extend({ health });
export const webhooksAnswer = z.object({ webhooks: z.array(webhookInUse) });
export const webhookInUseAnswer = z.object({ webhook: webhookInUse });
export const webhookAnswer = z.object({ webhook });

const attempt = z.object({
  at: time,
  durationMs: count,
  status: z.int().nullable().describe("Null if there was no response"),
  answer: z.string().describe("The start of the response, or why there was none"),
});
export const testAnswer = z.object({
  isDelivered: z.boolean(),
  attempt,
  detail: z
    .string()
    .nullable()
    .describe("The network's error if there was no response; null for callers who do not operate the server"),
});

const deliveryState = z.enum(["pending", "delivered", "dead"]);
const delivery = z.object({
  id: z.string(),
  requestId: z.string().describe("The header `webhook-id`, the same on every attempt"),
  event: z.unknown().describe("In the format of the request"),
  state: deliveryState,
  attempts: count,
  createdAt: time,
  nextAttemptAt: time
    .nullable()
    .describe("Null if it is finished, or waits only for the deliveries before it"),
  lastAttempt: attempt.nullable(),
});
export const deliveriesQuery = pageQuery.extend({ state: deliveryState.optional() });
export const deliveriesPage = z.object({ deliveries: z.array(delivery), nextCursor });
export const replayAnswer = z.object({ replayed: count.describe("Deliveries that are pending again") });

nameSchemas({
  WebhookEventType: eventType,
  Webhook: webhook,
  WebhookInUse: webhookInUse,
  Attempt: attempt,
  Delivery: delivery,
});

export type WebhookBody = z.infer<typeof webhook>;
export type WebhookInUse = z.infer<typeof webhookInUse>;
export type DeliveryBody = z.infer<typeof delivery>;
export type AttemptBody = z.infer<typeof attempt>;

/** Validates a value with the core's rules and error messages. */
function inWordsOf<Value>(problemOf: (value: Value) => string | null) {
  return (value: Value, context: { addIssue(message: string): void }) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue(problem);
  };
}
