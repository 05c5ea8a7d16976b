/**
 * Allows webhooks to services of this computer, or forbids them again. Only on a server that other computers cannot
 * reach, because everyone who may create a webhook can then send requests to those services.
 */
import { type Actor, auditActor } from "../core/actor.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { Refusal } from "../core/refusal.ts";

export interface LocalhostWebhooks {
  /** Whether such requests are sent now. */
  isAllowed(): Promise<boolean>;
  /** Why they cannot be allowed, as a sentence; null: they can. */
  readonly problem: string | null;
  /** Records the change in the audit log. @throws Refusal `webhook_refused` if they cannot be allowed */
  change(actor: Actor, isAllowed: boolean): Promise<void>;
}

/** @param publicHost an address of this server that other computers may reach; null: there is none */
export function createLocalhostWebhooks(
  store: Pick<WebhookStore, "isLocalhostAllowed">,
  inOneTransaction: InOneTransaction,
  publicHost: string | null,
): LocalhostWebhooks {
  const problem =
    publicHost === null
      ? null
      : `Webhooks to this computer cannot be allowed here, because the server listens on ${publicHost}, which other computers may reach: start it with SOKETIFY_HOST=127.0.0.1, or allow single addresses with SOKETIFY_WEBHOOK_ALLOW`;
  return {
    problem,
    isAllowed: async () => problem === null && (await store.isLocalhostAllowed()),
    async change(actor, isAllowed) {
      if (isAllowed && problem !== null) throw new Refusal("webhook_refused", problem);
      await inOneTransaction(async ({ webhooks, audit }) => {
        const before = await webhooks.isLocalhostAllowed();
        if (before === isAllowed) return;
        await webhooks.allowLocalhost(isAllowed);
        await audit.append({
          ...auditActor(actor),
          action: "webhook.localhost",
          target: "server",
          appId: null,
          before: { isAllowed: before },
          after: { isAllowed },
        });
      });
    },
  };
}
