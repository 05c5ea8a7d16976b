/** All parts of webhooks: from the activity feed through the outbox to the receivers. */
import { randomBytes } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Roster } from "../core/ports/roster.ts";
import type { WebhookControl } from "../core/ports/webhook-control.ts";
import type { WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import type { Webhook } from "../core/webhooks/webhook.ts";
import { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import { type ConfiguredWebhook, saveConfiguredWebhooks } from "./configured-webhooks.ts";
import { Deliverer } from "./deliverer.ts";
import { DeliveryLease } from "./delivery-lease.ts";
import { EventCollector } from "./event-collector.ts";
import { createTargetFetcher } from "./fetch-target.ts";
import { PendingCounts } from "./pending-counts.ts";
import { RequestTurns } from "./request-turns.ts";
import { createSender, type Send } from "./sender.ts";
import { createSettleDepartures } from "./settle-departures.ts";
import { type TargetGuard, TargetRefused, TargetUnknown } from "./target-guard.ts";
import { WebhookDirectory } from "./webhook-directory.ts";
import { defaultWebhookLimits, type WebhookLimits } from "./webhook-limits.ts";
import { silentLog, type WebhookLog } from "./webhook-log.ts";
import type { WebhookTrace } from "./webhook-trace.ts";

export interface WebhooksNeeds {
  /** The id of this process among those that share the database. A process that is alone keeps it after a restart. */
  readonly nodeId: string;
  readonly store: WebhookStore;
  readonly outbox: WebhookOutbox;
  readonly activity: ActivityFeed;
  readonly registry: AppRegistry;
  readonly roster: Pick<Roster, "counts" | "members" | "onlineUsers">;
  readonly clock: Clock;
  readonly guard: TargetGuard;
  /** The webhooks of the config file for one app. */
  readonly configured?: { readonly appId: string; readonly webhooks: readonly ConfiguredWebhook[] };
  readonly limits?: Partial<WebhookLimits>;
  readonly log?: WebhookLog;
  readonly random?: () => number;
  /** Absent: requests are not traced. */
  readonly trace?: WebhookTrace;
}

export interface Webhooks extends WebhookControl {
  readonly figures: WebhookFigures;
  /** The app's concurrent requests on this node; null: none since the start. */
  requestsOf: RequestTurns["useOf"];
  /** @throws if the outbox cannot be read or a configured webhook is invalid */
  start(): Promise<void>;
  /** Writes the events in memory and waits for the requests in progress. The rest stays in the outbox. */
  stop(): Promise<void>;
}

export function createWebhooks(needs: WebhooksNeeds): Webhooks {
  const { store, activity, registry, clock, guard } = needs;
  const limits = { ...defaultWebhookLimits, ...needs.limits };
  const figures = new WebhookFigures(activity);
  const directory = new WebhookDirectory(store);
  const fetcher = createTargetFetcher(guard, clock);
  const { trace } = needs;
  const fetchTo = trace?.fetchTo(fetcher.fetchTo) ?? fetcher.fetchTo;
  const untraced = createSender(registry, fetchTo, clock, limits.timeoutMs, figures);
  const send = trace?.send(untraced) ?? untraced;
  const { collector, deliverer, turns } = createDelivery(needs, { limits, figures, directory, send });

  return {
    figures,
    requestsOf: (appId) => turns.useOf(appId),
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
        await guard.check(url);
        return null;
      } catch (error) {
        // The DNS name may be created after its webhook.
        if (error instanceof TargetUnknown) return null;
        if (error instanceof TargetRefused) return { reason: error.message, detail: error.detail };
        throw error;
      }
    },
    async changed() {
      await directory.refresh();
      turns.keepOnly((appId) => directory.has(appId));
      deliverer.webhooksChanged();
    },
    tryNow: (webhookId) => deliverer.tryNow(webhookId),
    circuit: (webhookId) => deliverer.circuit(webhookId),
    async test(webhook: Webhook) {
      const id = `msg_${randomBytes(12).toString("hex")}`;
      const event = { name: webhook.events[0] ?? "channel_occupied", channel: "webhook-test" };
      const message = { id, timeMs: clock.now(), events: [JSON.stringify(event)], causes: [] };
      const { attempt, detail } = await send(webhook, message, 0);
      return { attempt, detail };
    },
  };
}

/** Connects the activity feed, the outbox and the receivers. */
function createDelivery(
  needs: WebhooksNeeds,
  parts: {
    readonly limits: WebhookLimits;
    readonly figures: WebhookFigures;
    readonly directory: WebhookDirectory;
    readonly send: Send;
  },
) {
  const { nodeId, outbox, activity, registry, clock } = needs;
  const { log = silentLog, random = Math.random } = needs;
  const { limits, figures, directory } = parts;
  const pending = new PendingCounts(activity, figures);
  const collector = new EventCollector({
    directory,
    pending,
    outbox,
    clock,
    limits,
    figures,
    log,
    ...(needs.trace !== undefined && { trace: needs.trace }),
    onWritten: (webhookIds) => {
      for (const webhookId of webhookIds) deliverer.wake(webhookId);
    },
  });
  const lease = new DeliveryLease({ nodeId, outbox, clock, leaseMs: limits.leaseMs, retryMs: limits.tickMs });
  const turns = new RequestTurns({
    requestsMax: limits.requestsMax,
    requestsMaxOf: (appId) =>
      Math.min(limits.requestsPerAppMax, registry.byId(appId)?.settings.webhookRequestsMax ?? 1),
  });
  const settleDepartures = createSettleDepartures({ ...needs, collector });
  const deliverer = new Deliverer({
    ...needs,
    ...parts,
    lease,
    pending,
    turns,
    settleDepartures,
    random,
    log,
  });
  return { collector, deliverer, turns };
}
