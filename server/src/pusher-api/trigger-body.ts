/** The bodies of POST /events and /batch_events. */
import { z } from "zod";
import { HttpError } from "../protocol/errors.ts";
import { jsonText } from "../protocol/json-text.ts";

const eventFields = {
  name: z.string({ error: missingOr("name", "a string") }),
  /** SDKs always send a string; whoever writes requests by hand may send any JSON. */
  data: z
    .unknown()
    .refine((data) => data !== undefined, { error: missing("data") })
    .transform((data) => (typeof data === "string" ? data : jsonText(data)))
    .refine((data) => data !== null, { error: "data is nested too deeply" }),
  socket_id: z.string({ error: "socket_id must be a string" }).nullish(),
  info: z.string({ error: "info must be a string" }).nullish(),
};

const idempotencyKey = z.string({ error: "idempotency_key must be a string" }).nullish();

export const eventBody = z.object({
  ...eventFields,
  channel: z.string({ error: "channel must be a string" }).nullish(),
  channels: z
    .array(z.string({ error: "each of channels must be a string" }), {
      error: "channels must be an array of strings",
    })
    .nullish(),
  idempotency_key: idempotencyKey,
});

export const batchBody = z.object({
  batch: z.array(
    z.object(
      { ...eventFields, channel: z.string({ error: missingOr("channel", "a string") }) },
      { error: "each event of a batch must be a JSON object" },
    ),
    { error: missingOr("batch", "an array of events") },
  ),
  idempotency_key: idempotencyKey,
});

/** @throws HttpError 400 with the first thing that is wrong */
export function parseBody<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HttpError(400, result.error.issues[0]?.message ?? "The request body is not valid");
}

/** An empty body is an empty object: parameters may come in the query. @throws HttpError 400 */
export function parseJsonObject(body: string): object {
  if (body === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new HttpError(400, "The request body must be valid JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new HttpError(400, "The request body must be a JSON object");
  }
  return parsed;
}

export function missing(parameter: string): string {
  return `Missing required parameter: ${parameter}`;
}

function missingOr(parameter: string, kind: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? missing(parameter) : `${parameter} must be ${kind}`);
}
