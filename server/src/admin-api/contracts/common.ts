/**
 * Shared types of `/api/v1`. Times are ISO 8601 text in UTC, durations are milliseconds, and lists use an opaque
 * cursor.
 */
import { z } from "zod";
import { appIdPattern, appIdRule } from "../../core/apps/credentials.ts";
import { type RefusalCode, refusals } from "../../core/refusal.ts";

export const time = z.iso.datetime();
export const count = z.int().min(0);
export const appIdText = z.string().regex(appIdPattern, `must be ${appIdRule}`);
/** A name of up to 100 characters, not only spaces. */
export const name = z.string().trim().min(1).max(100).meta({ pattern: "\\S" });

const cursor = z
  .string()
  .max(1_000)
  .regex(/^[A-Za-z0-9_-]+$/, "must be the `nextCursor` of the previous page")
  .optional()
  .describe("`nextCursor` of the previous page");
const limit = z.coerce.number().int().min(1).max(500).default(100).describe("Entries per page");
export const nextCursor = z.string().nullable().describe("Null on the last page");
export const rememberedSince = time.describe(
  "The records are complete from this time on, except those of unanswered nodes. Nodes keep records in memory, so older ones may be missing",
);
export const total = count.describe("On all pages together");
/** Why an endpoint whose cursor is more than a position in a list refuses one. */
export const cursorRefused = "`cursor` is not the `nextCursor` of the previous page";
export const pageQuery = z.object({ limit, cursor });

const nodeName = z.object({ id: z.string(), name: z.string() });
export const nodeOf = nodeName
  .nullable()
  .describe("The reporting node. Null: the server is a single node without Redis");
export const memberships = z
  .array(z.object({ userId: z.string(), channel: z.string() }))
  .describe(
    "The user ids as which it is a member of presence channels, each with one of these channels: at most 10",
  );
export const unanswered = z
  .array(nodeName)
  .describe("The nodes that did not answer in time: their part is missing here");

const errorCode = z.enum(Object.keys(refusals) as RefusalCode[]);

/** RFC 9457; `code` is stable, `detail` is for people. `lastUsedAt` comes with `secret_in_use`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: errorCode,
  help: z.string().optional().describe("The part of the documentation that explains the code"),
  lastUsedAt: time.optional(),
  retryAfterS: count.optional(),
  unanswered: unanswered.optional(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** Gives schemas their names in the OpenAPI document, and so in its clients. */
export function nameSchemas(schemas: Readonly<Record<string, z.ZodType>>): void {
  for (const [id, schema] of Object.entries(schemas)) z.globalRegistry.add(schema, { ...schema.meta(), id });
}

nameSchemas({ NodeName: nodeName, Problem: problem, ErrorCode: errorCode });

export type NodeName = z.infer<typeof nodeName>;
export type Problem = z.infer<typeof problem>;

/** How a client is connected. */
export const transport = z.enum(["websocket", "xhr_streaming", "xhr_polling"]);
