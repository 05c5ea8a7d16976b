/** Webhooks from the config file. Each start writes them to the store, so that they behave like all others. */
import { createHash } from "node:crypto";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import {
  filtersOf,
  type Webhook,
  webhookEventTypes,
  webhookLimits,
  webhookProblem,
} from "../core/webhooks/webhook.ts";

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
 * @throws if one of them is invalid; then nothing is changed
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
    // Another node that starts at the same time may create it first.
    if (before === undefined && (await store.create(webhook, webhookLimits.perAppMax))) continue;
    await store.save({ ...webhook, createdAtMs: before?.createdAtMs ?? nowMs });
  }
}

function toWebhook(appId: string, given: ConfiguredWebhook, index: number, nowMs: number): Webhook {
  const { url, events, filters = {}, headers = {} } = given;
  const problem = webhookProblem({ url, events, filters, headers });
  if (problem !== null) throw new Error(`Webhook ${index + 1} of the config file is wrong: ${problem}`);
  // The id depends on the URL and its index: two webhooks may share a URL, and a restart must find the same ids.
  const digest = createHash("sha256")
    .update(JSON.stringify([appId, url, index]))
    .digest("hex");
  return {
    id: `${idPrefix}${digest.slice(0, 24)}`,
    appId,
    url,
    headers,
    disabledReason: null,
    events: webhookEventTypes.filter((type) => events.includes(type)),
    filters: filtersOf(filters),
    isBatching: given.batching ?? false,
    isEnabled: given.enabled ?? true,
    createdAtMs: nowMs,
  };
}
