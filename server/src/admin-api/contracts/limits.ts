/** The shapes of `GET /limits` and `GET /apps/{appId}/limits`. */
import { z } from "zod";
import { count, nameSchemas, nodeOf, unanswered } from "./common.ts";

const limit = z.string().describe("The name of the app's setting or of the server's option");
const pattern = z
  .string()
  .optional()
  .describe("The pattern of the channel rule that sets this limit; missing: no rule sets it");
const used = count.describe(
  "The current value; for sizes and rates, the highest of the last two minutes on the node with the highest usage",
);
const max = count.describe("0: no limit");

export const nearLimit = z.object({ limit, pattern, used, max });

const limitUse = z.object({
  limit,
  pattern,
  used,
  max,
  peak: count.nullable().describe("Null: not recorded"),
  peakOver: z.enum(["start", "48h"]).describe("The period of the peak: since the node's start, or 48 hours"),
  node: nodeOf.describe(
    "The node with the highest usage; null: the limit applies to all nodes together, or the server is a single node",
  ),
});
export const limitsAnswer = z.object({
  limits: z.array(limitUse).describe("Without limits that were not used since the start"),
  unanswered,
});

nameSchemas({ LimitUse: limitUse });
