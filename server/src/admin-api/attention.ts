/** `GET /attention`: what somebody should look at, over all apps that the caller may see. */
import type { App } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Nodes } from "../core/ports/nodes.ts";
import type { WebhookControl } from "../core/ports/webhook-control.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import type { ErrorHours } from "../live/error-hours.ts";
import type { UnknownKeys } from "../live/unknown-keys.ts";
import type { AllNodes } from "../management/all-nodes.ts";
import type { DescribeApp } from "./apps.ts";
import type { AttentionItem } from "./contracts/attention.ts";
import { type Handlers, isoTime } from "./handlers.ts";

/** From this share on a limit is near. */
const nearShare = 0.8;
const itemsMax = 100;

export interface AttentionNeeds {
  readonly errors: ErrorHours;
  readonly unknownKeys: UnknownKeys;
  readonly webhooks: Pick<WebhookStore, "list">;
  readonly control: Pick<WebhookControl, "circuit">;
  readonly registry: AppRegistry;
  readonly nodes: Pick<Nodes, "alive">;
  readonly allNodes: AllNodes;
  readonly describeApp: DescribeApp;
}

export function createAttentionHandlers(needs: AttentionNeeds): Handlers<"attention"> {
  const { errors, unknownKeys, webhooks, control, registry, nodes, allNodes, describeApp } = needs;
  const unknownOf = allNodes.question("unknown keys", () => unknownKeys.latest());
  // Only the node that delivers knows which are paused.
  const pausedOf = allNodes.question("paused webhooks", async () => {
    const all = await webhooks.list();
    return all.filter(({ id }) => control.circuit(id)?.isPaused === true).map(({ id }) => id);
  });

  async function unknownKeyItems(): Promise<AttentionItem[]> {
    const { parts } = await unknownOf({});
    return parts.flatMap(({ answer }) =>
      answer.map(({ key, handshakes, lastMs, sender }) => ({
        ...({ kind: "unknownKey", key, handshakes, lastAt: isoTime(lastMs), sender } as const),
      })),
    );
  }

  async function webhookItems(visible: ReadonlyMap<string, App>): Promise<AttentionItem[]> {
    const [all, paused] = await Promise.all([webhooks.list(), pausedOf({})]);
    const pausedIds = new Set(paused.parts.flatMap(({ answer }) => answer));
    return all.flatMap(({ id, appId, url, disabledReason }): AttentionItem[] => {
      const app = visible.get(appId);
      const isStopped = disabledReason !== null || pausedIds.has(id);
      if (app === undefined || !isStopped) return [];
      const state = disabledReason === null ? "paused" : "disabled";
      return [{ kind: "webhook", ...named(app), webhookId: id, url, state }];
    });
  }

  async function errorItems(visible: ReadonlyMap<string, App>): Promise<AttentionItem[]> {
    const { sinceMs, byApp } = await errors.recent();
    return [...byApp].flatMap(([appId, count]): AttentionItem[] => {
      const app = visible.get(appId);
      return app === undefined
        ? []
        : [{ kind: "errors", ...named(app), errors: count, since: isoTime(sinceMs) }];
    });
  }

  return {
    async attention({ principal }) {
      const visible = new Map(
        registry.all().flatMap((app) => (principal.can("app.read", app.id) ? [[app.id, app] as const] : [])),
      );
      const isOperator = principal.can("server.read", null);
      const [ofErrors, ofWebhooks, ofKeys] = await Promise.all([
        errorItems(visible),
        webhookItems(visible),
        isOperator ? unknownKeyItems() : [],
      ]);
      const items = [
        ...(isOperator ? databaseItems(nodes) : []),
        ...ofErrors.sort((a, b) => amountOf(b) - amountOf(a)),
        ...ofWebhooks,
        ...[...visible.values()].flatMap((app) => appItems(app, describeApp)),
        ...ofKeys,
      ];
      return { items: items.slice(0, itemsMax), total: items.length };
    },
  };
}

function appItems(app: App, describeApp: DescribeApp): AttentionItem[] {
  const { connectionCount: used, secret } = describeApp(app);
  const max = app.settings.connectionsMax;
  return [
    ...(max > 0 && used / max >= nearShare
      ? [{ kind: "nearLimit", ...named(app), limit: "connectionsMax", used, max } as const]
      : []),
    ...(secret.isOld ? [{ kind: "oldSecret", ...named(app), ageMs: secret.ageMs } as const] : []),
  ];
}

function databaseItems(nodes: AttentionNeeds["nodes"]): AttentionItem[] {
  return nodes.alive().flatMap(({ name, health: { database } }): AttentionItem[] => {
    const problem = database.problem ?? (database.isReachable ? null : "it is unreachable");
    return problem === null ? [] : [{ kind: "database", node: name, problem }];
  });
}

function named({ id, name }: App) {
  return { appId: id, appName: name };
}

function amountOf(item: AttentionItem): number {
  return item.kind === "errors" ? item.errors : 0;
}
