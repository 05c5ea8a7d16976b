import { expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { HttpError } from "../protocol/errors.ts";
import { isNestedTooDeeply } from "../protocol/json-text.ts";
import { type Fields, ObjectFields, readBatchBody, readEventBody } from "./trigger-body.ts";

/** A second definition of the bodies, as a schema. The first issue must equal the error message. */
const missing = (name: string) => `Missing required parameter: ${name}`;
const missingOr = (name: string, kind: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? missing(name) : `${name} must be ${kind}`;
const optionalText = (name: string) => z.string({ error: `${name} must be a string` }).nullish();
const eventFields = {
  name: z.string({ error: missingOr("name", "a string") }),
  data: z
    .unknown()
    .refine((data) => data !== undefined, { error: missing("data") })
    .transform((data) => (typeof data === "string" ? data : JSON.stringify(data)))
    .refine((data) => !isNestedTooDeeply(data), { error: "data is nested too deeply" }),
  socket_id: optionalText("socket_id"),
  info: optionalText("info"),
};
const eventSchema = z
  .object({
    ...eventFields,
    channel: optionalText("channel"),
    channels: z
      .array(z.string({ error: "each of channels must be a string" }), {
        error: "channels must be an array of strings",
      })
      .nullish(),
    idempotency_key: optionalText("idempotency_key"),
  })
  .transform(({ name, data, socket_id, info, channel, channels, idempotency_key }) => ({
    name,
    data,
    exceptSocketId: socket_id || null,
    info: info ?? null,
    channels: channels ?? (channel ? [channel] : []),
    idempotencyKey: idempotency_key ?? null,
  }))
  .refine(({ channels }) => channels.length > 0, { error: missing("channels") });
const batchSchema = z
  .object({
    batch: z.array(
      z.object(
        { ...eventFields, channel: z.string({ error: missingOr("channel", "a string") }) },
        { error: "each event of a batch must be a JSON object" },
      ),
      { error: missingOr("batch", "an array of events") },
    ),
    idempotency_key: optionalText("idempotency_key"),
  })
  .transform(({ batch, idempotency_key }) => ({
    events: batch.map(({ name, data, socket_id, info, channel }) => ({
      name,
      data,
      exceptSocketId: socket_id || null,
      info: info ?? null,
      channel,
    })),
    idempotencyKey: idempotency_key ?? null,
  }));

const text = fc.constantFrom("", "a", "private-a", "1.1", "__proto__");
const deep = JSON.parse(`${"[".repeat(600)}${"]".repeat(600)}`);
const odd = fc.oneof(fc.constantFrom(null, 0, true, "a", deep), fc.jsonValue({ maxDepth: 2 }));
const value = fc.oneof({ arbitrary: text, weight: 6 }, { arbitrary: odd, weight: 1 });
const texts = fc.oneof({ arbitrary: fc.array(text, { maxLength: 3 }), weight: 3 }, fc.array(value), odd);
/** Mostly valid fields, so that most bodies are valid and the others have one or two errors. */
const eventBody = fc.record(
  {
    name: value,
    data: fc.oneof(text, odd),
    socket_id: value,
    info: value,
    channel: value,
    channels: texts,
    idempotency_key: value,
    __proto__: value,
    other: odd,
  },
  { requiredKeys: ["name", "data"] },
);
const someKeysGone = fc
  .tuple(eventBody, fc.subarray(["name", "data", "channel"], { maxLength: 1 }))
  .map(([body, gone]) => Object.fromEntries(Object.entries(body).filter(([key]) => !gone.includes(key))));
const batchBody = fc.record(
  {
    batch: fc.oneof({ arbitrary: fc.array(fc.oneof(someKeysGone, odd), { maxLength: 4 }), weight: 8 }, odd),
    idempotency_key: value,
  },
  { requiredKeys: [] },
);

/** The value, or the error message. */
function bySchema(schema: z.ZodType, body: unknown): unknown {
  const { success, data, error } = schema.safeParse(body);
  return success ? data : error.issues[0]?.message;
}

function byHand(read: (fields: Fields) => unknown, body: Readonly<Record<string, unknown>>): unknown {
  try {
    return read(new ObjectFields(body, () => JSON.stringify(body)));
  } catch (error) {
    expect(error).toBeInstanceOf(HttpError);
    return error instanceof HttpError ? error.message : error;
  }
}

test("an event's body gives the same value or error message as its schema", () => {
  fc.assert(
    fc.property(someKeysGone, (body) => {
      expect(byHand(readEventBody, body)).toEqual(bySchema(eventSchema, body));
    }),
    { numRuns: 1_000 },
  );
});

test("a batch gives the same value or error message as its schema", () => {
  fc.assert(
    fc.property(batchBody, (body) => {
      expect(byHand(readBatchBody, body)).toEqual(bySchema(batchSchema, body));
    }),
    { numRuns: 1_000 },
  );
});
