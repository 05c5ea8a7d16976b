/** The handlers that manage and test webhooks and list their deliveries. */

import { auditActor } from "../../core/actor.ts";
import type { InOneTransaction } from "../../core/ports/transactions.ts";
import type { WebhookControl } from "../../core/ports/webhook-control.ts";
import type { DeliveryRecord, WebhookHistory } from "../../core/ports/webhook-history.ts";
import type { Attempt } from "../../core/ports/webhook-outbox.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Webhook } from "../../core/webhooks/webhook.ts";
import { healthOf, type WebhookHealth } from "../../core/webhooks/webhook-health.ts";
import {
  type ManageWebhooks,
  TargetNotAllowed,
  type WebhookChoices,
} from "../../management/manage-webhooks.ts";
import { parseExactly } from "../../protocol/parse-exactly.ts";
import type { AttemptBody, DeliveryBody, WebhookBody, WebhookInUse } from "../contracts/webhooks.ts";
import type { EndpointValue } from "../endpoints.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { sequenceOf, sequencePage } from "../page.ts";
import type { Principal } from "../principal.ts";

export function createWebhookHandlers(
  manage: ManageWebhooks,
  history: Pick<WebhookHistory, "list" | "tally">,
  control: WebhookControl,
  {
    inOneTransaction,
    clock,
  }: { readonly inOneTransaction: InOneTransaction; readonly clock: { now(): number } },
): Handlers<
  | "listWebhooks"
  | "createWebhook"
  | "getWebhook"
  | "changeWebhook"
  | "deleteWebhook"
  | "testWebhook"
  | "listDeliveries"
  | "replayDelivery"
  | "replayGivenUp"
> {
  async function inUse(webhook: Webhook): Promise<WebhookInUse> {
    const tally = await history.tally(webhook);
    const health = healthOf(webhook, tally, control.circuit(webhook.id), clock.now());
    return { ...webhookBody(webhook), health: healthBody(health) };
  }

  return {
    listWebhooks: async ({ app }) => ({
      webhooks: await Promise.all((await manage.list(app.id)).map(inUse)),
    }),
    async createWebhook({ app, actor, principal, body: { batching, enabled, ...rest } }) {
      const choices = { ...rest, isBatching: batching, isEnabled: enabled };
      const webhook = await withDetail(principal, manage.create(app.id, actor, choices));
      return { webhook: webhookBody(webhook) };
    },
    getWebhook: async ({ app, params }) => ({
      webhook: await inUse(await manage.find(app.id, params.webhookId)),
    }),
    async changeWebhook({ app, actor, principal, params, body }) {
      const change = manage.change(app.id, actor, params.webhookId, changesOf(body));
      return { webhook: webhookBody(await withDetail(principal, change)) };
    },
    deleteWebhook: ({ app, actor, params }) => manage.delete(app.id, actor, params.webhookId),
    async testWebhook({ app, principal, params }) {
      const { attempt, detail } = await control.test(await manage.find(app.id, params.webhookId));
      const isDelivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
      return { isDelivered, attempt: attemptBody(attempt), detail: runsServer(principal) ? detail : null };
    },
    async listDeliveries({ app, params, query: { limit, cursor, state = null } }) {
      const { id } = await manage.find(app.id, params.webhookId);
      const records = await history.list(id, { state, beforeSequence: sequenceOf(cursor) }, limit + 1);
      const { items, nextCursor } = sequencePage(records, limit);
      return { deliveries: items.map(deliveryBody), nextCursor };
    },
    async replayDelivery({ app, actor, params: { webhookId, deliveryId } }) {
      const { id } = await manage.find(app.id, webhookId);
      const what = { action: "webhook.replay", target: `delivery ${deliveryId}`, appId: app.id } as const;
      await inOneTransaction(async ({ deliveries, audit }) => {
        if (!(await deliveries.replay(id, deliveryId)))
          throw new Refusal(
            "delivery_not_found",
            `The webhook has no finished delivery ${deliveryId.slice(0, 50)}`,
          );
        await audit.append({ ...auditActor(actor), ...what, before: null, after: null });
      });
      control.tryNow(id);
    },
    async replayGivenUp({ app, actor, params: { webhookId } }) {
      const { id } = await manage.find(app.id, webhookId);
      const replayed = await inOneTransaction(async ({ deliveries, audit }) => {
        const count = await deliveries.replayGivenUp(id);
        const what = { action: "webhook.replay", target: `webhook ${id}`, appId: app.id } as const;
        if (count > 0)
          await audit.append({ ...auditActor(actor), ...what, before: null, after: { deliveries: count } });
        return count;
      });
      if (replayed > 0) control.tryNow(id);
      return { replayed };
    },
  };
}

/** Hides resolved addresses from callers who do not operate the server. */
function runsServer(principal: Principal): boolean {
  return principal.can("server.change", null);
}

async function withDetail(principal: Principal, change: Promise<Webhook>): Promise<Webhook> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof TargetNotAllowed && runsServer(principal))
      throw new Refusal("webhook_refused", error.detail);
    throw error;
  }
}

/** Contains only the given values, so that the others do not change. */
function changesOf(body: EndpointValue<"changeWebhook", "body">): Partial<WebhookChoices> {
  const { url, events, filters, headers, batching, enabled } = body;
  return {
    ...(url !== undefined && { url }),
    ...(events !== undefined && { events }),
    ...(filters !== undefined && { filters }),
    ...(headers !== undefined && { headers }),
    ...(batching !== undefined && { isBatching: batching }),
    ...(enabled !== undefined && { isEnabled: enabled }),
  };
}

function webhookBody(webhook: Webhook): WebhookBody {
  const { id, url, events, filters, headers, isBatching, isEnabled, disabledReason, createdAtMs } = webhook;
  const { prefix, suffix, glob } = filters;
  return {
    id,
    url,
    events: [...events],
    batching: isBatching,
    enabled: isEnabled,
    disabledReason,
    filters: { prefix: [...prefix], suffix: [...suffix], glob: [...glob] },
    headerNames: Object.keys(headers),
    createdAt: isoTime(createdAtMs),
  };
}

function healthBody(health: WebhookHealth): WebhookInUse["health"] {
  const { waitingSinceMs, nextAttemptAtMs, lastDeliveredAtMs, ...rest } = health;
  return {
    ...rest,
    waitingSince: isoTime(waitingSinceMs),
    nextAttemptAt: isoTime(nextAttemptAtMs),
    lastDeliveredAt: isoTime(lastDeliveredAtMs),
  };
}

function deliveryBody(record: DeliveryRecord): DeliveryBody {
  const { id, messageId, event, state, attempts, createdAtMs, nextAttemptAtMs, lastAttempt } = record;
  return {
    id,
    requestId: messageId ?? id,
    event: parseExactly(event),
    state,
    attempts,
    createdAt: isoTime(createdAtMs),
    nextAttemptAt: isoTime(nextAttemptAtMs),
    lastAttempt: lastAttempt === null ? null : attemptBody(lastAttempt),
  };
}

function attemptBody({ atMs, durationMs, status, answer }: Attempt): AttemptBody {
  return { at: isoTime(atMs), durationMs, status, answer };
}
