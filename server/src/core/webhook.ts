/** A webhook: where an app wants to hear what happens in it, and what of it. */
import { globMatches } from "./glob.ts";

export const webhookEventTypes = [
  "channel_occupied",
  "channel_vacated",
  "member_added",
  "member_removed",
  "client_event",
  "cache_miss",
  "subscription_count",
  "user_online",
  "user_offline",
] as const;

export type WebhookEventType = (typeof webhookEventTypes)[number];

export interface Webhook {
  readonly id: string;
  readonly appId: string;
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  readonly filters: ChannelFilters;
  /** Sent beside Soketify's own. They may hold a password, so the store seals them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Many events in one request, or exactly one. */
  readonly isBatching: boolean;
  readonly isEnabled: boolean;
  /** Why Soketify itself disabled it; null where it did not. */
  readonly disabledReason: string | null;
  readonly createdAtMs: number;
}

/** Each list that is not empty must have an entry that fits the channel's name. Events without a channel pass. */
export interface ChannelFilters {
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
  /** `*` stands for any characters, `?` for one. */
  readonly glob: readonly string[];
}

export const webhookLimits = {
  perAppMax: 50,
  urlLengthMax: 2_000,
  filtersMax: 50,
  filterLengthMax: 200,
  headersMax: 20,
  headerValueLengthMax: 2_000,
} as const;

/** Why nothing can be sent to this URL, wherever its host is; null where it can. */
export function urlProblem(text: string): string | null {
  if (text.length > webhookLimits.urlLengthMax)
    return `A webhook's URL has at most ${webhookLimits.urlLengthMax} characters`;
  if (!URL.canParse(text)) return "The URL cannot be read: it looks like https://example.com/hook";
  const { protocol, username, password } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:")
    return `A webhook's URL starts with https://, not ${protocol}//`;
  if (username !== "" || password !== "")
    return "A webhook's URL holds no user or password: send them in a header";
  return null;
}

/** Why a webhook cannot be for these events; null where it can. */
export function eventsProblem(events: readonly string[]): string | null {
  if (events.length === 0) return "Choose at least one event";
  const unknown = events.find((event) => !webhookEventTypes.some((type) => type === event));
  return unknown === undefined ? null : `"${unknown}" is none of the events ${webhookEventTypes.join(", ")}`;
}

/** Made by Soketify or by HTTP itself, so a webhook cannot set them. */
const reservedHeaders = new Set([
  "connection",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Why these headers cannot be sent, or null. */
export function headersProblem(headers: Readonly<Record<string, string>>): string | null {
  const names = Object.keys(headers);
  const { headersMax, headerValueLengthMax } = webhookLimits;
  if (names.length > headersMax) return `${names.length} headers are more than ${headersMax}`;
  for (const name of names) {
    const lower = name.toLowerCase();
    const value = headers[name] ?? "";
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) return `"${name}" is not a header's name`;
    if (reservedHeaders.has(lower) || /^(x-pusher-|webhook-|proxy-)/.test(lower))
      return `The header ${name} is Soketify's own: choose another name`;
    if (!/^[\t\x20-\x7e]*$/.test(value) || value.length > headerValueLengthMax)
      return `The value of ${name} must be at most ${headerValueLengthMax} printable ASCII characters`;
  }
  return null;
}

/** Whether the webhook wants events of this type from this channel; the channel is null where the event has none. */
export function wantsEvent(webhook: Webhook, type: WebhookEventType, channel: string | null): boolean {
  if (!webhook.isEnabled || !webhook.events.includes(type)) return false;
  if (channel === null) return true;
  const { prefix, suffix, glob } = webhook.filters;
  return (
    someOrEmpty(prefix, (text) => channel.startsWith(text)) &&
    someOrEmpty(suffix, (text) => channel.endsWith(text)) &&
    someOrEmpty(glob, (pattern) => globMatches(pattern, channel))
  );
}

function someOrEmpty(list: readonly string[], fits: (text: string) => boolean): boolean {
  return list.length === 0 || list.some(fits);
}
