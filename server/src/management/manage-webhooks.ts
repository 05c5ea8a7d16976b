/**
 * Creates, changes and deletes an app's webhooks. Changes take effect immediately and have an entry in the audit log.
 */
import { randomBytes } from "node:crypto";
import { type Actor, auditActor } from "../core/actor.ts";
import type { AuditAction } from "../core/audit-actions.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { InOneTransaction, StoresOfChange } from "../core/ports/transactions.ts";
import type { UrlProblem, WebhookControl } from "../core/ports/webhook-control.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { Refusal } from "../core/refusal.ts";
import { type Webhook, webhookLimits, webhookProblem } from "../core/webhooks/webhook.ts";

/** The fields of a webhook that its owner sets. */
export type WebhookChoices = Pick<
  Webhook,
  "url" | "events" | "filters" | "headers" | "isBatching" | "isEnabled"
>;

/** `detail` may contain internal addresses: show it only to the server's operators. */
export class TargetNotAllowed extends Refusal {
  readonly detail: string;

  constructor({ reason, detail }: UrlProblem) {
    super("webhook_refused", reason);
    this.detail = detail;
  }
}

/** Each throws Refusal: `webhook_not_found`, `webhook_refused`, `too_many_webhooks`. */
export interface ManageWebhooks {
  list(appId: string): Promise<Webhook[]>;
  find(appId: string, webhookId: string): Promise<Webhook>;
  create(appId: string, actor: Actor, choices: WebhookChoices): Promise<Webhook>;
  change(appId: string, actor: Actor, webhookId: string, changes: Partial<WebhookChoices>): Promise<Webhook>;
  delete(appId: string, actor: Actor, webhookId: string): Promise<void>;
}

interface Settling {
  readonly action: AuditAction;
  readonly appId: string;
  readonly before: Webhook | null;
  readonly after: Webhook | null;
}

export function createManageWebhooks(
  store: Pick<WebhookStore, "list">,
  inOneTransaction: InOneTransaction,
  control: WebhookControl,
  clock: Pick<Clock, "now">,
): ManageWebhooks {
  async function list(appId: string): Promise<Webhook[]> {
    return (await store.list()).filter((one) => one.appId === appId);
  }

  async function find(appId: string, webhookId: string): Promise<Webhook> {
    const webhook = (await list(appId)).find(({ id }) => id === webhookId);
    if (webhook === undefined) throw notFound(webhookId);
    return webhook;
  }

  /** @param change returns false if there is no such webhook, or if the app has too many */
  async function settle(
    { action, appId, before, after }: Settling,
    actor: Actor,
    change: (webhooks: StoresOfChange["webhooks"]) => Promise<boolean>,
  ): Promise<boolean> {
    const target = `webhook ${(after ?? before)?.id}`;
    const isDone = await inOneTransaction(async ({ webhooks, audit }) => {
      if (!(await change(webhooks))) return false;
      const what = { action, appId, target, before: redacted(before), after: redacted(after) };
      await audit.append({ ...auditActor(actor), ...what });
      return true;
    });
    if (isDone) await control.changed();
    return isDone;
  }

  return {
    list,
    find,
    async create(appId, actor, choices) {
      await check(control, choices);
      const id = `wh_${randomBytes(8).toString("hex")}`;
      const webhook = { id, appId, ...choices, disabledReason: null, createdAtMs: clock.now() };
      const { perAppMax } = webhookLimits;
      const settling: Settling = { action: "webhook.create", appId, before: null, after: webhook };
      if (!(await settle(settling, actor, (webhooks) => webhooks.create(webhook, perAppMax))))
        throw new Refusal(
          "too_many_webhooks",
          `An app may have at most ${perAppMax} webhooks: delete one first`,
        );
      return webhook;
    },
    async change(appId, actor, webhookId, changes) {
      const before = await find(appId, webhookId);
      const disabledReason = changes.isEnabled === undefined ? before.disabledReason : null;
      const after = { ...before, ...changes, disabledReason };
      await check(control, after);
      const settling: Settling = { action: "webhook.update", appId, before, after };
      if (!(await settle(settling, actor, (webhooks) => webhooks.save(after)))) throw notFound(webhookId);
      control.tryNow(webhookId);
      return after;
    },
    async delete(appId, actor, webhookId) {
      const before = await find(appId, webhookId);
      const settling: Settling = { action: "webhook.delete", appId, before, after: null };
      if (!(await settle(settling, actor, (webhooks) => webhooks.delete(appId, webhookId))))
        throw notFound(webhookId);
    },
  };
}

async function check(control: WebhookControl, choices: WebhookChoices): Promise<void> {
  const problem = webhookProblem(choices);
  if (problem !== null) throw new Refusal("webhook_refused", problem);
  const targetProblem = await control.urlProblem(choices.url);
  if (targetProblem !== null) throw new TargetNotAllowed(targetProblem);
}

function redacted(webhook: Webhook | null): object | null {
  if (webhook === null) return null;
  const { url, events, filters, headers, isBatching, isEnabled } = webhook;
  return { url, events, filters, headerNames: Object.keys(headers), isBatching, isEnabled };
}

function notFound(webhookId: string): Refusal {
  return new Refusal("webhook_not_found", `The app has no webhook ${webhookId.slice(0, 50)}`);
}
