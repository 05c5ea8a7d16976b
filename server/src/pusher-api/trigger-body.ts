/**
 * The bodies of POST /events and /batch_events. Read by hand, each field once: a library's schema of the same took longer
 * than the signature. Fields are looked at in the order in which they stand here, and the first that is wrong is told.
 */
import { HttpError } from "../protocol/errors.ts";
import { jsonText } from "../protocol/json-text.ts";

interface EventFields {
  readonly name: string;
  /** SDKs always send a string; whoever writes requests by hand may send any JSON. */
  readonly data: string;
  readonly exceptSocketId: string | null;
  readonly info: string | null;
}

export interface EventBody extends EventFields {
  readonly channels: readonly string[];
  readonly idempotencyKey: string | null;
}

export interface BatchBody {
  readonly events: readonly (EventFields & { readonly channel: string })[];
  readonly idempotencyKey: string | null;
}

/** The value of a field by its name on the wire; undefined where it is absent. */
export type FieldOf = (name: string) => unknown;

/** @throws HttpError 400 with the first thing that is wrong */
export function readEventBody(field: FieldOf): EventBody {
  const fields = readFields(field);
  const channel = optionalText(field, "channel");
  const channels = readChannels(field("channels")) ?? (channel ? [channel] : []);
  const idempotencyKey = optionalText(field, "idempotency_key");
  if (channels.length === 0) throw new HttpError(400, missing("channels"));
  return { ...fields, channels, idempotencyKey };
}

/** @throws HttpError 400 with the first thing that is wrong */
export function readBatchBody(field: FieldOf): BatchBody {
  const batch = field("batch");
  if (!Array.isArray(batch)) throw missingOr("batch", batch, "an array of events");
  const events = batch.map((event: unknown) => {
    if (!isObject(event)) throw new HttpError(400, "each event of a batch must be a JSON object");
    const fieldOfEvent: FieldOf = (name) => event[name];
    return { ...readFields(fieldOfEvent), channel: requiredText(fieldOfEvent, "channel") };
  });
  return { events, idempotencyKey: optionalText(field, "idempotency_key") };
}

/** An empty body is an empty object: parameters may come in the query. @throws HttpError 400 */
export function parseJsonObject(body: string): Readonly<Record<string, unknown>> {
  if (body === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new HttpError(400, "The request body must be valid JSON");
  }
  if (!isObject(parsed)) throw new HttpError(400, "The request body must be a JSON object");
  return parsed;
}

export function missing(parameter: string): string {
  return `Missing required parameter: ${parameter}`;
}

function readFields(field: FieldOf): EventFields {
  return {
    name: requiredText(field, "name"),
    data: readData(field("data")),
    exceptSocketId: optionalText(field, "socket_id") || null,
    info: optionalText(field, "info"),
  };
}

function readData(data: unknown): string {
  if (typeof data === "string") return data;
  if (data === undefined) throw new HttpError(400, missing("data"));
  const text = jsonText(data);
  if (text === null) throw new HttpError(400, "data is nested too deeply");
  return text;
}

function readChannels(channels: unknown): readonly string[] | null {
  if (channels === undefined || channels === null) return null;
  if (!Array.isArray(channels)) throw new HttpError(400, "channels must be an array of strings");
  return channels.map((channel: unknown) => {
    if (typeof channel === "string") return channel;
    throw new HttpError(400, "each of channels must be a string");
  });
}

function requiredText(field: FieldOf, name: string): string {
  const value = field(name);
  if (typeof value === "string") return value;
  throw missingOr(name, value, "a string");
}

function optionalText(field: FieldOf, name: string): string | null {
  const value = field(name);
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw new HttpError(400, `${name} must be a string`);
}

function missingOr(parameter: string, value: unknown, kind: string): HttpError {
  return new HttpError(400, value === undefined ? missing(parameter) : `${parameter} must be ${kind}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
