/** The shape of `GET /attention`. */
import { z } from "zod";
import { count, nameSchemas, time } from "./common.ts";
import { sender } from "./live.ts";

const app = { appId: z.string(), appName: z.string() };
const item = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("database"), node: z.string(), problem: z.string() }),
  z.object({
    kind: z.literal("slowDatabase"),
    node: z.string(),
    latencyMs: z.number().describe("The median time of its latest queries"),
    slowFromMs: z.number().describe("From this median on the database counts as slow"),
  }),
  z.object({
    kind: z.literal("deadNode"),
    node: z.string(),
    diedAt: time.describe(
      "When the cluster removed it, some seconds after its last report. Listed for an hour",
    ),
    isBack: z.boolean().describe("Whether a node with this name is alive"),
  }),
  z.object({ kind: z.literal("errors"), ...app, errors: count, since: time }),
  z.object({
    kind: z.literal("webhook"),
    ...app,
    webhookId: z.string(),
    url: z.string(),
    state: z.enum(["paused", "disabled"]).describe("disabled: by the server, after repeated failures"),
  }),
  z.object({
    kind: z.literal("nearLimit"),
    ...app,
    limit: z.string().describe("The name of the setting"),
    pattern: z.string().optional().describe("The pattern of the channel rule that sets this limit"),
    used: count,
    max: count,
  }),
  z.object({
    kind: z.literal("nearServerLimit"),
    node: z.string().nullable().describe("Null: the server is a single node"),
    limit: z.string().describe("The name of the option"),
    used: count,
    max: count,
  }),
  z.object({ kind: z.literal("oldSecret"), ...app, ageMs: count }),
  z.object({
    kind: z.literal("unknownKey"),
    key: z.string().describe("A key that no app has"),
    handshakes: count,
    lastAt: time,
    sender: sender.describe("Of the latest handshake"),
  }),
]);
export const attentionAnswer = z.object({
  items: z.array(item).describe("At most 100; empty if nothing needs attention"),
  total: count,
});

nameSchemas({ AttentionItem: item });

export type AttentionItem = z.infer<typeof item>;
