/** The shapes of `GET /board`: every app with its current figures, in any order. */
import { z } from "zod";
import { count, nameSchemas, nextCursor, pageQuery, total, unanswered } from "./common.ts";
import { nearLimit } from "./limits.ts";

export const boardSorts = [
  "created",
  "name",
  "connections",
  "messages",
  "errors",
  "webhooks",
  "limits",
] as const;

/**
 * From good to bad. `off`: a person disabled it. `givenUp`: it has deliveries that were given up. `failing`: the latest
 * request failed and will be retried. `paused`: after many failures only an occasional request is tried. `disabled`:
 * the server disabled it.
 */
export const webhookConditions = ["off", "ok", "givenUp", "failing", "paused", "disabled"] as const;

const boardSort = z.enum(boardSorts);
const webhookCondition = z.enum(webhookConditions);

export const boardQuery = pageQuery.extend({
  search: z.string().max(100).optional().describe("Part of the name, id or key"),
  sort: boardSort.default("created").describe("webhooks: by condition; limits: by the highest used share"),
  order: z.enum(["asc", "desc"]).default("asc"),
});

const series = z.array(count).describe("Of the last hour, oldest first; each value covers three minutes");
const boardRow = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  isEnabled: z.boolean(),
  isRotating: z.boolean().describe("True if a pending secret waits for activation"),
  connections: count,
  connectionsMax: count.describe("0: no limit"),
  messagesLastMinute: count.describe("Messages in and out in the last complete minute"),
  errorsLastMinute: count.describe("In the last complete minute"),
  lastHour: z
    .object({ connections: series.describe("The maximum of each step"), messages: series, errors: series })
    .describe("Without the running minute, which is not saved yet"),
  webhooks: z
    .object({ condition: webhookCondition, amount: count.describe("Webhooks in this condition") })
    .nullable()
    .describe("The worst condition of the app's webhooks; null: it has none"),
  nearLimits: z
    .array(nearLimit)
    .describe("The limits with a usage of at least 80 percent, highest share first"),
});
export const boardPage = z.object({ apps: z.array(boardRow), total, nextCursor, unanswered });

nameSchemas({ BoardRow: boardRow, BoardSort: boardSort, WebhookCondition: webhookCondition });

export type BoardRow = z.infer<typeof boardRow>;
export type BoardSort = (typeof boardSorts)[number];
export type WebhookCondition = (typeof webhookConditions)[number];
