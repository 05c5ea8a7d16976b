/** Webhooks as one part: from the activity feed through the outbox to the receivers. */
import { randomBytes } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Roster } from "../core/ports/roster.ts";
import type { WebhookDesk } from "../core/ports/webhook-desk.ts";
import type { WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import type { Webhook } from "../core/webhook.ts";
import { WebhookFigures } from "../core/webhook-figures.ts";
import { type ConfiguredWebhook, saveConfiguredWebhooks } from "./configured-webhooks.ts";
import { Deliverer } from "./deliverer.ts";
import { EventCollector } from "./event-collector.ts";
import { createTargetFetcher } from "./fetch-target.ts";
import { createSender } from "./sender.ts";
import { type TargetGuard, TargetRefused, TargetUnknown } from "./target-guard.ts";
import { WebhookDirectory } from "./webhook-directory.ts";
import { defaultWebhookLimits, type WebhookLimits } from "./webhook-limits.ts";
import { silentLog, type WebhookLog } from "./webhook-log.ts";

export interface WebhooksNeeds {
  /** Names this process among those that share the database; the same after a restart where it is alone. */
  readonly nodeId: string;
  readonly store: WebhookStore;
  readonly outbox: WebhookOutbox;
  readonly activity: ActivityFeed;
  readonly registry: AppRegistry;
  readonly roster: Pick<Roster, "counts" | "members" | "onlineUsers">;
  readonly clock: Clock;
  readonly guard: TargetGuard;
  /** Those of the config file, for one app. */
  readonly configured?: { readonly appId: string; readonly webhooks: readonly ConfiguredWebhook[] };
  readonly limits?: Partial<WebhookLimits>;
  readonly log?: WebhookLog;
  readonly random?: () => number;
}

export interface Webhooks extends WebhookDesk {
  readonly figures: WebhookFigures;
  /** @throws where the outbox cannot be read, or a configured webhook is wrong */
  start(): Promise<void>;
  /** Writes what is in memory; what is under way ends, the rest stays in the outbox. */
  stop(): Promise<void>;
}

export function createWebhooks(needs: WebhooksNeeds): Webhooks {
  const { store, outbox, activity, registry, clock, guard } = needs;
  const { log = silentLog, random = Math.random } = needs;
  const limits = { ...defaultWebhookLimits, ...needs.limits };
  const figures = new WebhookFigures();
  const directory = new WebhookDirectory(store);
  const fetcher = createTargetFetcher(guard, clock);
  const send = createSender(registry, fetcher.fetchTo, clock, limits.timeoutMs, figures);
  const collector = new EventCollector({
    ...{ directory, outbox, clock, limits, figures, log },
    onWritten: (webhookIds) => {
      for (const webhookId of webhookIds) deliverer.wake(webhookId);
    },
  });
  const deliverer = new Deliverer({ ...needs, directory, collector, send, random, limits, figures, log });

  return {
    figures,
    async start() {
      if (needs.configured !== undefined)
        await saveConfiguredWebhooks(store, needs.configured.appId, needs.configured.webhooks, clock.now());
      await directory.refresh();
      collector.listenTo(activity);
      await deliverer.start();
    },
    async stop() {
      await collector.stop();
      await deliverer.stop();
      fetcher.close();
    },
    async urlProblem(url) {
      try {
        await guard.vet(url);
        return null;
      } catch (error) {
        // A name may be set up after its webhook.
        if (error instanceof TargetUnknown) return null;
        if (error instanceof TargetRefused) return error.message;
        throw error;
      }
    },
    async changed() {
      await directory.refresh();
      deliverer.webhooksChanged();
    },
    wake: (webhookId) => deliverer.tryNow(webhookId),
    circuit: (webhookId) => deliverer.circuit(webhookId),
    async test(webhook: Webhook) {
      const id = `msg_${randomBytes(12).toString("hex")}`;
      const event = { name: webhook.events[0] ?? "channel_occupied", channel: "webhook-test" };
      const message = { id, timeMs: clock.now(), events: [JSON.stringify(event)] };
      return (await send(webhook, message, 0)).attempt;
    },
  };
}
