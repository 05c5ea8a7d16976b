/** Webhooks from the config file. Each start writes them to the store, so that they behave like all others. */
import { createHash } from "node:crypto";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import {
  type ChannelFilters,
  eventsProblem,
  headersProblem,
  type Webhook,
  type WebhookEventType,
  webhookEventTypes,
  webhookLimits,
} from "../core/webhook.ts";

export interface ConfiguredWebhook {
  readonly url: string;
  readonly events: readonly string[];
  readonly batching?: boolean | undefined;
  readonly enabled?: boolean | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly filters?: Readonly<Record<string, unknown>> | undefined;
}

const idPrefix = "config-";

/**
 * Deletes the ones that are no longer in the file, with their deliveries. Webhooks created through the admin API stay.
 * @throws if one of them is invalid
 */
export async function saveConfiguredWebhooks(
  store: WebhookStore,
  appId: string,
  configured: readonly ConfiguredWebhook[],
  nowMs: number,
): Promise<void> {
  const known = (await store.list()).filter((one) => one.appId === appId && one.id.startsWith(idPrefix));
  const wanted = configured.map((one, index) => toWebhook(appId, one, index, nowMs));
  const wantedIds = new Set(wanted.map(({ id }) => id));
  for (const { id } of known) if (!wantedIds.has(id)) await store.delete(appId, id);
  for (const webhook of wanted) {
    const before = known.find(({ id }) => id === webhook.id);
    if (before === undefined) await store.create(webhook, webhookLimits.perAppMax);
    else await store.save({ ...webhook, createdAtMs: before.createdAtMs });
  }
}

function toWebhook(appId: string, given: ConfiguredWebhook, index: number, nowMs: number): Webhook {
  const headers = given.headers ?? {};
  const wrong = headersProblem(headers);
  if (wrong !== null) throw new Error(`Webhook ${given.url}: ${wrong}`);
  // The id depends on the URL and its index: two webhooks may share a URL, and a restart must find the same ids.
  const digest = createHash("sha256")
    .update(JSON.stringify([appId, given.url, index]))
    .digest("hex");
  return {
    ...{ id: `${idPrefix}${digest.slice(0, 24)}`, appId, url: given.url, headers, disabledReason: null },
    events: given.events.map((type) => toEventType(given.url, type)),
    filters: toFilters(given.url, given.filters ?? {}),
    isBatching: given.batching ?? false,
    isEnabled: given.enabled ?? true,
    createdAtMs: nowMs,
  };
}

function toEventType(url: string, given: string): WebhookEventType {
  const type = webhookEventTypes.find((known) => known === given);
  if (type === undefined) throw new Error(`Webhook ${url}: ${eventsProblem([given])}`);
  return type;
}

function toFilters(url: string, given: Readonly<Record<string, unknown>>): ChannelFilters {
  const unknown = Object.keys(given).filter((kind) => !["prefix", "suffix", "glob"].includes(kind));
  if (unknown.length > 0)
    throw new Error(`Webhook ${url}: filters must be prefix, suffix or glob, not ${unknown.join(", ")}`);
  const list = (kind: string): string[] => {
    const value = given[kind] ?? [];
    const texts = Array.isArray(value) ? value : [value];
    const { filtersMax, filterLengthMax } = webhookLimits;
    if (
      texts.length > filtersMax ||
      texts.some((one) => typeof one !== "string" || one.length > filterLengthMax)
    )
      throw new Error(
        `Webhook ${url}: the ${kind} filter must be a text or a list of at most ${filtersMax}, each of at most ${filterLengthMax} characters`,
      );
    return texts;
  };
  return { prefix: list("prefix"), suffix: list("suffix"), glob: list("glob") };
}
