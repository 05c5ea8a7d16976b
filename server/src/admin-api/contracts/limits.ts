/** The shapes of `GET /limits` and `GET /apps/{appId}/limits`. */
import { z } from "zod";
import { count, nodeOf, unanswered } from "./common.ts";

const limit = z.string().describe("The name of the app's setting or of the server's option");
const used = count.describe(
  "Now; of sizes and of rates per second the highest of the last two minutes, on the node with the most",
);
const max = count.describe("0: no limit");

export const nearLimit = z.object({ limit, used, max });

const limitUse = z.object({
  ...{ limit, used, max },
  peak: count.nullable().describe("Null: not kept"),
  peakOver: z.enum(["start", "48h"]).describe("Of the peak: since the node's start, or over 48 hours"),
  node: nodeOf.describe(
    "The node that uses the most; null: the limit is one of all nodes together, or the server is one node",
  ),
});
export const limitsAnswer = z.object({
  limits: z.array(limitUse).describe("Without limits of which nothing was used since the start"),
  unanswered,
});

export type LimitUse = z.infer<typeof limitUse>;
