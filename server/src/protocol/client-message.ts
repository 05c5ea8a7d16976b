/** Parses a client's messages: one JSON text frame becomes one tagged message, or is refused with an error message. */
import { EventRefused } from "./errors.ts";
import { isNestedTooDeeply, memberText } from "./json-text.ts";
import { shorten } from "./shorten.ts";

export type ClientMessage =
  | { readonly type: "ping" }
  | { readonly type: "pong" }
  | {
      readonly type: "subscribe";
      readonly channel: string;
      readonly auth: string;
      readonly channelData: string | null;
      /** The client's last position in the channel's history before it was disconnected; null: it sent none. */
      readonly recover: Recover | null;
    }
  | { readonly type: "unsubscribe"; readonly channel: string }
  | { readonly type: "sign-in"; readonly auth: string; readonly userData: string }
  | {
      readonly type: "client-event";
      readonly event: string;
      readonly channel: string;
      readonly data: string;
    };

/** Sent by the recovery plugin, not by stock Pusher clients. */
export interface Recover {
  readonly epoch: string;
  readonly offset: number;
  /** The socket id of the connection that was lost: events that excluded it are not replayed. */
  readonly socketId: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const shown = 60;
const positionTextMax = 100;

/** @throws EventRefused with a null code and a message that says what is expected */
export function parseClientMessage(text: string): ClientMessage {
  const frame = parseJson(text, "A message");
  if (!isObject(frame)) throw new EventRefused(null, "A message must be a JSON object");
  const event = frame.event;
  if (typeof event !== "string") throw new EventRefused(null, "A message must have an event, a string");
  if (event.startsWith("client-")) return parseClientEvent(event, frame, text);
  switch (event) {
    case "pusher:ping":
      return { type: "ping" };
    case "pusher:pong":
      return { type: "pong" };
    case "pusher:subscribe":
      return parseSubscribe(dataOf(event, frame));
    case "pusher:unsubscribe":
      return { type: "unsubscribe", channel: stringOf(event, dataOf(event, frame), "channel") };
    case "pusher:signin": {
      const data = dataOf(event, frame);
      return {
        type: "sign-in",
        auth: stringOf(event, data, "auth"),
        userData: stringOf(event, data, "user_data"),
      };
    }
    default:
      throw new EventRefused(
        null,
        `Unknown event ${shorten(event, shown)}: a client may send pusher:subscribe, pusher:unsubscribe, pusher:signin, pusher:ping, pusher:pong and client-* events`,
      );
  }
}

function parseSubscribe(data: JsonObject): ClientMessage {
  const channel = stringOf("pusher:subscribe", data, "channel");
  const auth = data.auth ?? "";
  if (typeof auth !== "string") throw new EventRefused(null, "pusher:subscribe: data.auth must be a string");
  const channelData = data.channel_data ?? null;
  if (channelData !== null && typeof channelData !== "string") {
    throw new EventRefused(null, "pusher:subscribe: data.channel_data must be a string of JSON");
  }
  return { type: "subscribe", channel, auth, channelData, recover: recoverOf(data.recover) };
}

function recoverOf(given: unknown): Recover | null {
  if (given === undefined || given === null) return null;
  if (isObject(given)) {
    const { epoch, offset, socket_id: socketId } = given;
    const isPosition = typeof epoch === "string" && Number.isSafeInteger(offset) && Number(offset) >= 0;
    if (isPosition && epoch.length <= positionTextMax && typeof socketId === "string")
      return { epoch, offset: Number(offset), socketId: socketId.slice(0, positionTextMax) };
  }
  throw new EventRefused(
    null,
    "pusher:subscribe: data.recover must be { epoch, offset, socket_id } with a text, a whole number from 0, and a text",
  );
}

function parseClientEvent(event: string, frame: JsonObject, text: string): ClientMessage {
  if (typeof frame.channel !== "string") {
    throw new EventRefused(null, `${shorten(event, shown)}: a client event must have a channel, a string`);
  }
  return { type: "client-event", event, channel: frame.channel, data: dataText(frame.data, text) };
}

/** Relays strings unchanged and anything else as JSON text: Swift clients can only read strings. */
function dataText(data: unknown, text: string): string {
  if (typeof data === "string") return data;
  const json = memberText(text, "data") ?? "null";
  if (isNestedTooDeeply(json)) {
    throw new EventRefused(null, "The data of a client event is nested too deeply");
  }
  return json;
}

function dataOf(event: string, frame: JsonObject): JsonObject {
  const data = typeof frame.data === "string" ? parseJson(frame.data, `${event}: data`) : frame.data;
  if (!isObject(data)) throw new EventRefused(null, `${event}: data must be a JSON object`);
  return data;
}

function stringOf(event: string, data: JsonObject, key: string): string {
  const value = data[key];
  if (typeof value !== "string") throw new EventRefused(null, `${event}: data.${key} must be a string`);
  return value;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EventRefused(null, `${what} must be valid JSON`);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
