/**
 * Reads the bodies of POST /events and /batch_events without a schema library, which took longer than verifying the signature.
 * Fields are checked in the order of the code, and the error names the first wrong one.
 */
import { HttpError } from "../protocol/errors.ts";
import { elementTexts, isNestedTooDeeply, memberText } from "../protocol/json-text.ts";

interface EventFields {
  readonly name: string;
  /** SDKs always send a string. Hand-written requests may send any JSON. */
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

/** The fields of a body, by their wire names. */
export interface Fields {
  /** Undefined if the field is absent. */
  value(name: string): unknown;
  /** The raw JSON of a present field that is not a string. */
  json(name: string): string | null;
}

/** @throws HttpError 400 for the first wrong field */
export function readEventBody(fields: Fields): EventBody {
  const { name, data, exceptSocketId, info } = readFields(fields);
  const channels = readChannels(fields);
  const idempotencyKey = optionalText(fields, "idempotency_key");
  if (channels.length === 0) throw new HttpError(400, missing("channels"));
  return { name, data, exceptSocketId, info, channels, idempotencyKey };
}

/** @throws HttpError 400 for the first wrong field */
export function readBatchBody(fields: Fields): BatchBody {
  const batch = fields.value("batch");
  if (!Array.isArray(batch)) throw missingOr("batch", batch, "an array of events");
  let texts: readonly string[] | null = null;
  const textOf = (index: number): string => {
    texts ??= elementTexts(fields.json("batch") ?? "[]");
    return texts[index] ?? "{}";
  };
  const events = batch.map((event: unknown, index) => {
    if (!isObject(event)) throw new HttpError(400, "each event of a batch must be a JSON object");
    const eventFields = new ObjectFields(event, () => textOf(index));
    const { name, data, exceptSocketId, info } = readFields(eventFields);
    return { name, data, exceptSocketId, info, channel: requiredText(eventFields, "channel") };
  });
  return { events, idempotencyKey: optionalText(fields, "idempotency_key") };
}

/** The fields of a JSON object. */
export class ObjectFields implements Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #text: string | (() => string);

  /** @param text its raw JSON, or a function that returns it */
  constructor(object: Readonly<Record<string, unknown>>, text: string | (() => string)) {
    this.#object = object;
    this.#text = text;
  }

  value(name: string): unknown {
    return this.#object[name];
  }

  json(name: string): string | null {
    const text = this.#text;
    return memberText(typeof text === "string" ? text : text(), name);
  }
}

/** An empty body is an empty object, because parameters may be in the query. @throws HttpError 400 */
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

function readFields(fields: Fields): EventFields {
  return {
    name: requiredText(fields, "name"),
    data: readData(fields),
    exceptSocketId: optionalText(fields, "socket_id") || null,
    info: optionalText(fields, "info"),
  };
}

function readData(fields: Fields): string {
  const data = fields.value("data");
  if (typeof data === "string") return data;
  const json = data === undefined ? null : fields.json("data");
  if (json === null) throw new HttpError(400, missing("data"));
  if (isNestedTooDeeply(json)) throw new HttpError(400, "data is nested too deeply");
  return json;
}

/** Several channels, or else the single one; empty if there is none. */
function readChannels(fields: Fields): readonly string[] {
  const channel = optionalText(fields, "channel");
  const channels = fields.value("channels");
  if (channels === undefined || channels === null) return channel ? [channel] : [];
  if (!Array.isArray(channels)) throw new HttpError(400, "channels must be an array of strings");
  return channels.map((channel: unknown) => {
    if (typeof channel === "string") return channel;
    throw new HttpError(400, "each of channels must be a string");
  });
}

function requiredText(fields: Fields, name: string): string {
  const value = fields.value(name);
  if (typeof value === "string") return value;
  throw missingOr(name, value, "a string");
}

function optionalText(fields: Fields, name: string): string | null {
  const value = fields.value(name);
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
