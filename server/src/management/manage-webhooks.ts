/** Makes, changes and deletes an app's webhooks, with effect at once and a line in the audit log. */
import { randomBytes } from "node:crypto";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { WebhookDesk } from "../core/ports/webhook-desk.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { Refusal } from "../core/refusal.ts";
import { headersProblem, type Webhook, webhookLimits } from "../core/webhook.ts";
import { type Actor, noted } from "./change-app.ts";

/** What its owner decides of a webhook. */
export type WebhookChoices = Pick<
  Webhook,
  "url" | "events" | "filters" | "headers" | "isBatching" | "isEnabled"
>;

/** Each throws Refusal: `webhook_not_found`, `webhook_refused`, `too_many_webhooks`. */
export interface ManageWebhooks {
  list(appId: string): Promise<Webhook[]>;
  find(appId: string, webhookId: string): Promise<Webhook>;
  create(appId: string, actor: Actor, choices: WebhookChoices): Promise<Webhook>;
  change(appId: string, actor: Actor, webhookId: string, changes: Partial<WebhookChoices>): Promise<Webhook>;
  delete(appId: string, actor: Actor, webhookId: string): Promise<void>;
}

export function createManageWebhooks(
  store: WebhookStore,
  desk: WebhookDesk,
  audit: AuditLog,
  clock: Clock,
): ManageWebhooks {
  async function list(appId: string): Promise<Webhook[]> {
    return (await store.list()).filter((one) => one.appId === appId);
  }

  async function find(appId: string, webhookId: string): Promise<Webhook> {
    const webhook = (await list(appId)).find(({ id }) => id === webhookId);
    if (webhook === undefined) throw notFound(webhookId);
    return webhook;
  }

  /** The change is in the store: it counts from here on. */
  async function settle(
    action: string,
    actor: Actor,
    appId: string,
    before: Webhook | null,
    after: Webhook | null,
  ): Promise<void> {
    await desk.changed();
    await audit.append({
      ...noted(actor),
      ...{ action, appId, target: `webhook ${(after ?? before)?.id}` },
      before: redacted(before),
      after: redacted(after),
    });
  }

  return {
    list,
    find,
    async create(appId, actor, choices) {
      await check(desk, choices);
      const id = `wh_${randomBytes(8).toString("hex")}`;
      const webhook = { id, appId, ...choices, disabledReason: null, createdAtMs: clock.now() };
      const { perAppMax } = webhookLimits;
      if (!(await store.create(webhook, perAppMax)))
        throw new Refusal("too_many_webhooks", `An app has at most ${perAppMax} webhooks: delete one first`);
      await settle("webhook.create", actor, appId, null, webhook);
      return webhook;
    },
    async change(appId, actor, webhookId, changes) {
      const before = await find(appId, webhookId);
      const disabledReason = changes.isEnabled === undefined ? before.disabledReason : null;
      const after = { ...before, ...changes, disabledReason };
      await check(desk, after);
      if (!(await store.save(after))) throw notFound(webhookId);
      await settle("webhook.update", actor, appId, before, after);
      desk.wake(webhookId);
      return after;
    },
    async delete(appId, actor, webhookId) {
      const before = await find(appId, webhookId);
      if (!(await store.delete(appId, webhookId))) throw notFound(webhookId);
      await settle("webhook.delete", actor, appId, before, null);
    },
  };
}

async function check(desk: WebhookDesk, { url, headers }: WebhookChoices): Promise<void> {
  const problem = headersProblem(headers) ?? (await desk.urlProblem(url));
  if (problem !== null) throw new Refusal("webhook_refused", problem);
}

function redacted(webhook: Webhook | null): object | null {
  if (webhook === null) return null;
  const { url, events, filters, headers, isBatching, isEnabled } = webhook;
  return { url, events, filters, headerNames: Object.keys(headers), isBatching, isEnabled };
}

function notFound(webhookId: string): Refusal {
  return new Refusal("webhook_not_found", `The app has no webhook ${webhookId.slice(0, 50)}`);
}
