/** `GET /attention`: problems that somebody should look at, in all apps that the caller may see. */
import type { App } from "../../core/apps/app.ts";
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import { isNear } from "../../core/limits/limit-use.ts";
import type { Nodes } from "../../core/ports/nodes.ts";
import type { ErrorHours } from "../../live/error-hours.ts";
import type { UnknownKeys } from "../../live/unknown-keys.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { NearLimits, ReadLimits } from "../../management/read-limits.ts";
import type { DescribeApp } from "../apps/apps.ts";
import type { ReadWebhookStates } from "../apps/webhook-states.ts";
import type { AttentionItem } from "../contracts/attention.ts";
import { type Handlers, isoTime } from "../handlers.ts";

const itemsMax = 100;
/** A login needs several queries. A healthy database answers one within some milliseconds. */
const slowFromMs = 200;

export interface AttentionNeeds {
  readonly errors: ErrorHours;
  readonly unknownKeys: UnknownKeys;
  readonly webhookStates: ReadWebhookStates;
  readonly limits: Pick<ReadLimits, "near" | "ofServer">;
  readonly registry: AppRegistry;
  readonly nodes: Pick<Nodes, "alive" | "departed">;
  readonly allNodes: AllNodes;
  readonly describeApp: DescribeApp;
}

export function createAttentionHandlers(needs: AttentionNeeds): Handlers<"attention"> {
  const { errors, unknownKeys, webhookStates, limits, registry, nodes, allNodes, describeApp } = needs;
  const unknownOf = allNodes.question("unknown keys", () => unknownKeys.latest());

  async function unknownKeyItems(): Promise<AttentionItem[]> {
    const { parts } = await unknownOf({});
    return parts.flatMap(({ answer }) =>
      answer.map(
        ({ key, handshakes, lastMs, sender }) =>
          ({ kind: "unknownKey", key, handshakes, lastAt: isoTime(lastMs), sender }) as const,
      ),
    );
  }

  async function webhookItems(visible: ReadonlyMap<string, App>): Promise<AttentionItem[]> {
    return (await webhookStates()).flatMap(({ webhook: { id, appId, url }, condition }): AttentionItem[] => {
      const app = visible.get(appId);
      if (app === undefined || (condition !== "paused" && condition !== "disabled")) return [];
      return [{ kind: "webhook", ...named(app), webhookId: id, url, state: condition }];
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
      const [ofErrors, ofWebhooks, near, ofServer, ofKeys] = await Promise.all([
        errorItems(visible),
        webhookItems(visible),
        limits.near(),
        isOperator ? nearServerItems(limits) : [],
        isOperator ? unknownKeyItems() : [],
      ]);
      const items = [
        ...(isOperator ? [...databaseItems(nodes), ...deadNodeItems(nodes)] : []),
        ...ofServer,
        ...ofErrors.sort((a, b) => amountOf(b) - amountOf(a)),
        ...ofWebhooks,
        ...[...visible.values()].flatMap((app) => appItems(app, describeApp, near)),
        ...ofKeys,
      ];
      return { items: items.slice(0, itemsMax), total: items.length };
    },
  };
}

async function nearServerItems(limits: Pick<ReadLimits, "ofServer">): Promise<AttentionItem[]> {
  const near = (await limits.ofServer()).limits.filter(isNear);
  return near.map(
    ({ limit, used, max, node }) =>
      ({ kind: "nearServerLimit", node: node?.name ?? null, limit, used, max }) as const,
  );
}

function appItems(app: App, describeApp: DescribeApp, near: NearLimits): AttentionItem[] {
  const { secret } = describeApp(app);
  return [
    ...(near.byApp.get(app.id) ?? []).map(
      ({ node, peak, peakOver, ...use }) => ({ kind: "nearLimit", ...named(app), ...use }) as const,
    ),
    ...(secret.isOld ? [{ kind: "oldSecret", ...named(app), ageMs: secret.ageMs } as const] : []),
  ];
}

function databaseItems(nodes: AttentionNeeds["nodes"]): AttentionItem[] {
  return nodes.alive().flatMap(({ name, health: { database } }): AttentionItem[] => {
    const problem = database.problem ?? (database.isReachable ? null : "it is unreachable");
    if (problem !== null) return [{ kind: "database", node: name, problem }];
    const { latencyMs } = database;
    return latencyMs === null || latencyMs < slowFromMs
      ? []
      : [{ kind: "slowDatabase", node: name, latencyMs, slowFromMs }];
  });
}

/** A node that stopped drains before it leaves; a node that died does not. Latest first. */
function deadNodeItems(nodes: AttentionNeeds["nodes"]): AttentionItem[] {
  const alive = new Set(nodes.alive().map(({ name }) => name));
  return nodes
    .departed()
    .filter(({ isDraining }) => !isDraining)
    .toSorted((one, other) => other.goneAtMs - one.goneAtMs)
    .map(({ name, goneAtMs }) => ({
      kind: "deadNode",
      node: name,
      diedAt: isoTime(goneAtMs),
      isBack: alive.has(name),
    }));
}

function named({ id, name }: App) {
  return { appId: id, appName: name };
}

function amountOf(item: AttentionItem): number {
  return item.kind === "errors" ? item.errors : 0;
}
