/** The text, color and subject of a row of the live console. */
import type { LiveEntry } from "@soketify/admin";
import { codeWords } from "../connections/code-words.ts";
import type { Tone } from "../ui/badge.tsx";
import { duration, milliseconds, plural } from "../ui/numbers.ts";

const looks: { readonly [Type in LiveEntry["type"]]: { readonly label: string; readonly tone: Tone } } = {
  connection_opened: { label: "Connected", tone: "good" },
  connection_closed: { label: "Disconnected", tone: "plain" },
  handshake_refused: { label: "Refused", tone: "bad" },
  subscribed: { label: "Subscribed", tone: "accent" },
  unsubscribed: { label: "Unsubscribed", tone: "plain" },
  recovered: { label: "Recovered", tone: "good" },
  recovery_refused: { label: "Missed events", tone: "warn" },
  signed_in: { label: "Signed in", tone: "good" },
  channel_occupied: { label: "Occupied", tone: "plain" },
  channel_vacated: { label: "Vacated", tone: "plain" },
  member_added: { label: "Member added", tone: "accent" },
  member_removed: { label: "Member removed", tone: "plain" },
  subscription_count: { label: "Count", tone: "plain" },
  cache_miss: { label: "Cache miss", tone: "warn" },
  user_online: { label: "Online", tone: "good" },
  user_offline: { label: "Offline", tone: "plain" },
  client_event: { label: "Client event", tone: "accent" },
  event_published: { label: "API event", tone: "accent" },
  message_refused: { label: "Error", tone: "bad" },
  webhook_attempted: { label: "Webhook", tone: "plain" },
  events_missed: { label: "Events missed", tone: "bad" },
  api_request: { label: "API call", tone: "plain" },
  api_request_refused: { label: "API refused", tone: "bad" },
};

export const liveTypes = Object.entries(looks).map(([type, { label }]) => ({
  type: type as LiveEntry["type"],
  label,
}));

export function lookOf(entry: Pick<LiveEntry, "type">) {
  return looks[entry.type];
}

/**
 * More than the widest screen shows of a line. The browser lays out all of the text, on each frame of a busy console.
 */
const payloadCharactersMax = 500;

/** The text beside the channel name. */
export function wordsOf(entry: LiveEntry): string {
  switch (entry.type) {
    case "connection_opened":
      return [entry.socketId, sdkOf(entry), originOf(entry) ?? entry.address].filter(Boolean).join(" · ");
    case "connection_closed":
      return `${entry.socketId} · ${entry.code} ${entry.reason || codeWords(entry.code).title} · after ${duration(entry.openForMs)}`;
    case "handshake_refused":
      return `${entry.code} ${entry.reason}${from(entry.sender)}`;
    case "subscribed":
    case "unsubscribed":
      return `${entry.socketId}${entry.userId === null ? "" : ` · user ${entry.userId}`}`;
    case "recovered":
    case "recovery_refused":
      return `${entry.socketId} · ${recoveryWords(entry)}`;
    case "signed_in":
      return `${entry.socketId} · user ${entry.userId}`;
    case "member_added":
    case "member_removed":
    case "user_online":
    case "user_offline":
      return `user ${entry.userId}`;
    case "subscription_count":
      return `${entry.subscriptionCount} subscriptions`;
    case "client_event":
    case "event_published":
      return `${[entry.event, deliveredWords(entry)].filter(Boolean).join(" · ")}  ${entry.payload?.text.slice(0, payloadCharactersMax) ?? "(data not kept)"}`;
    case "message_refused":
      return `${entry.code ?? ""} ${entry.message} · ${entry.socketId}`.trim();
    case "api_request":
      return `${entry.method} ${entry.route} · ${entry.status} · ${failureWords(entry)}${milliseconds(entry.durationMs)}`;
    case "api_request_refused":
      return refusedRequestWords(entry);
    case "webhook_attempted":
      return `${entry.webhookId} · ${entry.state} · ${entry.status ?? "no response"} · ${milliseconds(entry.durationMs)}`;
    case "events_missed":
      return `${plural(entry.channelCount, "channel")} may have missed events for ${duration(entry.missedForMs)}: Redis was unreachable`;
    case "channel_occupied":
    case "channel_vacated":
    case "cache_miss":
      return "";
    default:
      throw entry satisfies never;
  }
}

/** A recovery is complete or refused, so the number of replayed events is that of missed events. */
export function recoveryWords(
  entry: Extract<LiveEntry, { readonly type: "recovered" | "recovery_refused" }>,
): string {
  return entry.type === "recovered"
    ? `Recovered ${entry.replayed} of ${entry.replayed}`
    : `Not recovered: ${missedReasons[entry.reason] ?? entry.reason}`;
}

const missedReasons: { readonly [Reason in string]: string } = {
  expired: "some of what it missed is no longer kept",
  unknown_epoch: "the history began again while it was disconnected",
  too_many: "it missed more events than are replayed",
  no_history: "the channel keeps no history",
  unavailable: "the history could not be read",
};

function refusedRequestWords({
  method,
  route,
  status,
  reason,
  requests,
  sender,
}: Pick<
  Extract<LiveEntry, { readonly type: "api_request_refused" }>,
  "method" | "route" | "status" | "reason" | "requests" | "sender"
>): string {
  const words = `${method} ${route} failed with ${status}: ${reason}${from(sender)}`;
  return requests === 1 ? words : `${words} · ${requests} requests`;
}

function failureWords({ failure }: Extract<LiveEntry, { readonly type: "api_request" }>): string {
  return failure === null ? "" : `${failure.reason}${from(failure.sender)} · `;
}

/** Such as ` · from 10.0.0.4, php 7.2`. */
function from({ address, sdk }: { readonly address: string; readonly sdk: string | null }): string {
  const parts = [address, sdk].filter(Boolean);
  return parts.length === 0 ? "" : ` · from ${parts.join(", ")}`;
}

/** Browsers send the origin `null` for pages opened from a file and for sandboxed pages. */
export function originOf({ origin }: { readonly origin: string | null }): string | null {
  return origin === "null" ? "a page without an origin" : origin;
}

export function sdkOf({
  client,
  version,
}: {
  readonly client: string | null;
  readonly version: string | null;
}): string {
  return [client, version].filter(Boolean).join(" ");
}

/** Empty if it is unknown. */
function deliveredWords({ recipients }: { readonly recipients: number | null }): string {
  return recipients === null ? "" : `delivered to ${recipients}`;
}
