/** A webhook: the URL that receives an app's events, and which events. */
import { globMatches } from "../collections/glob.ts";

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
  /** Extra request headers. They may contain a password, so the store encrypts them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a request may contain several events. */
  readonly isBatching: boolean;
  readonly isEnabled: boolean;
  /** Why Soketify disabled it; null if Soketify did not. */
  readonly disabledReason: string | null;
  readonly createdAtMs: number;
}

/** A channel's name must match an entry of each list that is not empty. Events without a channel always match. */
export interface ChannelFilters {
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
  /** `*` matches any number of characters, `?` exactly one. */
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

/** What is wrong with the URL, without looking up its host; null: it is valid. */
export function urlProblem(text: string): string | null {
  if (text.length > webhookLimits.urlLengthMax)
    return `A webhook's URL must have at most ${webhookLimits.urlLengthMax} characters`;
  if (!URL.canParse(text)) return "The URL is not valid: it must look like https://example.com/hook";
  const { protocol, username, password } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:")
    return `A webhook's URL must start with https:// or http://, not ${protocol}//`;
  if (username !== "" || password !== "")
    return "A webhook's URL must not contain a user or password: send them in a header";
  return null;
}

/** What is wrong with a list of events; null: it is valid. */
export function eventsProblem(events: readonly string[]): string | null {
  if (events.length === 0) return "Choose at least one event";
  const unknown = events.find((event) => !webhookEventTypes.some((type) => type === event));
  return unknown === undefined
    ? null
    : `"${unknown}" is not one of the events ${webhookEventTypes.join(", ")}`;
}

/** Set by Soketify or by HTTP itself, so a webhook cannot set them. */
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

export const headerNamePattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
export const headerValuePattern = /^[\t\x20-\x7e]*$/;

/** What is wrong with the headers; null: they are valid. */
export function headersProblem(headers: Readonly<Record<string, string>>): string | null {
  const pairs = Object.entries(headers);
  const { headersMax, headerValueLengthMax } = webhookLimits;
  if (pairs.length > headersMax)
    return `A webhook may have at most ${headersMax} headers, not ${pairs.length}`;
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (!headerNamePattern.test(name)) return `"${name}" is not a valid header name`;
    if (reservedHeaders.has(lower) || /^(x-pusher-|webhook-|proxy-)/.test(lower))
      return `The header ${name} is reserved: choose another name`;
    if (!headerValuePattern.test(value) || value.length > headerValueLengthMax)
      return `The value of ${name} must be at most ${headerValueLengthMax} printable ASCII characters`;
  }
  return null;
}

const filterKinds = ["prefix", "suffix", "glob"] as const;

/** What is wrong with the filters; null: they are valid. Each value must be a text or a list of texts. */
export function filtersProblem(filters: Readonly<Record<string, unknown>>): string | null {
  const { filtersMax, filterLengthMax } = webhookLimits;
  const unknown = Object.keys(filters).find((name) => !filterKinds.some((kind) => kind === name));
  if (unknown !== undefined) return `"${unknown}" is not one of the filters ${filterKinds.join(", ")}`;
  for (const kind of filterKinds) {
    const texts = textsOf(filters[kind]);
    const isRight = (one: unknown) => typeof one === "string" && one !== "" && one.length <= filterLengthMax;
    if (texts.length > filtersMax || !texts.every(isRight))
      return `The filter ${kind} must be a text or a list of at most ${filtersMax} texts, each of 1 to ${filterLengthMax} characters`;
  }
  return null;
}

/** Converts valid filters to their complete form. */
export function filtersOf(filters: Readonly<Record<string, unknown>>): ChannelFilters {
  const [prefix = [], suffix = [], glob = []] = filterKinds.map((kind) => textsOf(filters[kind]).map(String));
  return { prefix, suffix, glob };
}

function textsOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** What is wrong with a webhook; null: it is valid. Called before every creation and change of a webhook. */
export function webhookProblem(webhook: {
  readonly url: string;
  readonly events: readonly string[];
  readonly filters: object;
  readonly headers: Readonly<Record<string, string>>;
}): string | null {
  return (
    urlProblem(webhook.url) ??
    eventsProblem(webhook.events) ??
    filtersProblem({ ...webhook.filters }) ??
    headersProblem(webhook.headers)
  );
}

/** Whether the webhook receives events of this type from this channel. The channel is null if the event has none. */
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
