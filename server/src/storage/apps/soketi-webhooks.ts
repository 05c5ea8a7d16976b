/** Converts the webhooks of a soketi app. */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  filtersProblem,
  headersProblem,
  urlProblem,
  type Webhook,
  type WebhookEventType,
  webhookEventTypes,
  webhookLimits,
} from "../../core/webhooks/webhook.ts";
import type { SoketiConfig } from "./soketi-config.ts";

/** The prefix of imported webhooks' ids, so that a second import finds them. */
export const soketiWebhookPrefix = "soketi-";

const known = ["url", "event_types", "headers", "filter", "lambda_function", "lambda"];
const filterKinds = { channel_name_starts_with: "prefix", channel_name_ends_with: "suffix" } as const;

const webhookSchema = z.looseObject({
  url: z.string().refine((url) => urlProblem(url) === null),
  event_types: z.array(z.string()).default([]),
  headers: z.record(z.string(), z.string()).default({}),
  filter: z.record(z.string(), z.unknown()).default({}),
});

interface Surroundings {
  readonly config: SoketiConfig;
  readonly nowMs: number;
  readonly notes: string[];
}

/** @param given a list, or its JSON text, as the table stores it */
export function readSoketiWebhooks(
  given: unknown,
  appId: string,
  { config, nowMs, notes }: Surroundings,
): Webhook[] {
  const isBatching = config.values.get("webhooks.batching.enabled") === true;
  return listOf(given, appId, notes).flatMap((one, index) => {
    const note = (text: string) => notes.push(`App ${appId}, webhook ${index + 1}: ${text}`);
    const parsed = webhookSchema.safeParse(one);
    if (!parsed.success) {
      note("it is not imported, because it has no http or https URL (Lambda functions are not supported)");
      return [];
    }
    const { url, event_types: types, headers, filter, ...rest } = parsed.data;
    const events = webhookEventTypes.filter((type) => types.includes(type));
    for (const type of types)
      if (!isEvent(type)) note(`the event ${type} is not imported, because Soketify does not have it`);
    for (const name of Object.keys(rest))
      note(`${name} has no counterpart${known.includes(name) ? ": Lambda functions are not supported" : ""}`);
    const wrong = headersProblem(headers);
    if (wrong !== null) note(`its headers are not imported: ${wrong}`);
    if (events.length === 0) {
      note("it is not imported, because none of its events exists in Soketify");
      return [];
    }
    const digest = createHash("sha256")
      .update(JSON.stringify([appId, url, index]))
      .digest("hex");
    return [
      {
        id: `${soketiWebhookPrefix}${digest.slice(0, 24)}`,
        appId,
        url,
        events,
        isBatching,
        createdAtMs: nowMs,
        headers: wrong === null ? headers : {},
        filters: filtersOf(filter, note),
        isEnabled: true,
        disabledReason: null,
      },
    ];
  });
}

function isEvent(type: string): type is WebhookEventType {
  return webhookEventTypes.some((one) => one === type);
}

function filtersOf(
  filter: Readonly<Record<string, unknown>>,
  note: (text: string) => void,
): Webhook["filters"] {
  const filters: Record<"prefix" | "suffix", string[]> = { prefix: [], suffix: [] };
  for (const [name, value] of Object.entries(filter)) {
    const kind = name in filterKinds ? filterKinds[name as keyof typeof filterKinds] : null;
    if (kind === null) note(`filter.${name} has no counterpart`);
    else if (filtersProblem({ [kind]: value }) === null && typeof value === "string") filters[kind] = [value];
    else note(`filter.${name} is not imported: ${filtersProblem({ [kind]: value }) ?? "it must be a text"}`);
  }
  return { ...filters, glob: [] };
}

function listOf(given: unknown, appId: string, notes: string[]): readonly unknown[] {
  const value = typeof given === "string" ? parse(given) : (given ?? []);
  if (Array.isArray(value)) return value.slice(0, webhookLimits.perAppMax);
  notes.push(`App ${appId}: webhooks are not imported, because they are not a list`);
  return [];
}

function parse(json: string): unknown {
  try {
    return json === "" ? [] : JSON.parse(json);
  } catch {
    return null;
  }
}
