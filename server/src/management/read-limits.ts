/** Reads the usage of each limit of an app and of the server, on all nodes. */
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { LimitSources } from "../core/limits/limit-sources.ts";
import { isNear, type LimitUse, shareOf } from "../core/limits/limit-use.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { NodeName } from "../core/ports/nodes.ts";
import { type StatsStore, statsSpanMs } from "../core/ports/stats-store.ts";
import type { AllNodes } from "./all-nodes.ts";

/** A limit of an app or of one node. */
export interface LimitOfNodes extends LimitUse {
  /** The node with the highest usage; null: the limit applies to all nodes together, or there is one node. */
  readonly node: NodeName | null;
  /** `start`: since the node's start. `48h`: over 48 hours. */
  readonly peakOver: "start" | "48h";
}

export interface LimitsOfAll {
  readonly limits: readonly LimitOfNodes[];
  readonly unanswered: readonly NodeName[];
}

export interface NearLimits {
  /** Highest share first; apps without near limits are left out. */
  readonly byApp: ReadonlyMap<string, readonly LimitOfNodes[]>;
  readonly unanswered: readonly NodeName[];
}

export interface ReadLimits {
  /** Sorted by name. @throws if the database is unavailable */
  ofApp(app: App): Promise<LimitsOfAll>;
  /** The limits of each node, highest share first. */
  ofServer(): Promise<LimitsOfAll>;
  /** The limits of all apps with a usage of at least 80 percent. */
  near(): Promise<NearLimits>;
}

interface Needs {
  readonly registry: Pick<AppRegistry, "all">;
  readonly appLimits: { of(app: App): LimitUse[] };
  readonly sources: LimitSources;
  readonly stats: Pick<StatsStore, "peaks">;
  readonly allNodes: AllNodes;
  readonly clock: Pick<Clock, "now">;
  /** The app's connections on all nodes. */
  readonly connectionCount: (appId: string) => number;
}

/** Limits of the whole cluster: the usage of all nodes is summed. */
const clusterLimits: ReadonlySet<string> = new Set(["apiRequestsPerSecondMax"]);
const peaksKeptMs = 60_000;
const peakSpanMs = 48 * statsSpanMs.hour;

export function createReadLimits(needs: Needs): ReadLimits {
  const { registry, appLimits, sources, allNodes } = needs;
  const usesHere = (app: App): LimitUse[] => [...appLimits.of(app), ...sources.ofApp(app.id)];
  const appUses = allNodes.question("limits of an app", ({ appId }: { readonly appId: string }) => {
    const app = registry.all().find(({ id }) => id === appId);
    return app === undefined ? [] : usesHere(app);
  });
  const serverUses = allNodes.question("limits of the server", () => sources.ofServer());
  const nearUses = allNodes.question("near limits", () =>
    registry.all().flatMap((app) => {
      const uses = usesHere(app).filter((use) => isNear(use) || isPartOfSum(use));
      return uses.length === 0 ? [] : [{ appId: app.id, uses }];
    }),
  );
  const peaks = keptPeaks(needs);

  function connectionsOf({ id, settings }: App, peakOf: ReadonlyMap<string, number>): LimitOfNodes {
    const used = needs.connectionCount(id);
    const peak = Math.max(used, peakOf.get(id) ?? 0);
    const max = settings.connectionsMax;
    return { limit: "connectionsMax", used, max, peak, node: null, peakOver: "48h" };
  }

  return {
    async ofApp(app) {
      const [peakOf, { parts, unanswered }] = await Promise.all([peaks(), appUses({ appId: app.id })]);
      const uses = parts.flatMap(({ node, answer }) => answer.map((use) => ({ ...use, node })));
      return { limits: [connectionsOf(app, peakOf), ...together(uses)], unanswered };
    },

    async ofServer() {
      const { parts, unanswered } = await serverUses({});
      const limits = parts.flatMap(({ node, answer }) =>
        answer.map((use) => ({ ...use, node, peakOver: "start" as const })),
      );
      return { limits: limits.sort(nearestFirst), unanswered };
    },

    async near() {
      const [peakOf, { parts, unanswered }] = await Promise.all([peaks(), nearUses({})]);
      const ofNodes = parts.flatMap(({ node, answer }) =>
        answer.map(({ appId, uses }) => ({ appId, uses: uses.map((use) => ({ ...use, node })) })),
      );
      const usesByApp = Map.groupBy(ofNodes, ({ appId }) => appId);
      const byApp = new Map<string, LimitOfNodes[]>();
      for (const app of registry.all()) {
        const uses = (usesByApp.get(app.id) ?? []).flatMap((one) => one.uses);
        const all = [connectionsOf(app, peakOf), ...together(uses)];
        const near = all.filter(isNear).sort(nearestFirst);
        if (near.length > 0) byApp.set(app.id, near);
      }
      return { byApp, unanswered };
    },
  };
}

function isPartOfSum({ limit, used, max }: LimitUse): boolean {
  return clusterLimits.has(limit) && max > 0 && used > 0;
}

/** One row for each limit: the sum of all nodes, or the node with the highest usage. */
function together(uses: readonly (LimitUse & { readonly node: NodeName | null })[]): LimitOfNodes[] {
  return [...Map.groupBy(uses, ({ limit, pattern = "" }) => `${limit} ${pattern}`).values()].flatMap(
    (ofNodes): LimitOfNodes[] => {
      const [most, ...others] = ofNodes.toSorted((one, other) => other.used - one.used);
      if (most === undefined) return [];
      const peakOver = "start";
      const peaks = ofNodes.flatMap(({ peak }) => peak ?? []);
      if (clusterLimits.has(most.limit)) {
        const used = others.reduce((sum, one) => sum + one.used, most.used);
        return [{ ...most, used, peak: Math.max(used, ...peaks), node: null, peakOver }];
      }
      return [{ ...most, peak: peaks.length === 0 ? null : Math.max(...peaks), peakOver }];
    },
  );
}

function nearestFirst(one: LimitUse, other: LimitUse): number {
  return shareOf(other) - shareOf(one);
}

/** The peaks of connections, read from the store at most once a minute. */
function keptPeaks({ stats, clock }: Pick<Needs, "stats" | "clock">) {
  let kept: Promise<ReadonlyMap<string, number>> = Promise.resolve(new Map());
  let untilMs = 0;
  return (): Promise<ReadonlyMap<string, number>> => {
    const nowMs = clock.now();
    if (nowMs >= untilMs) {
      untilMs = nowMs + peaksKeptMs;
      kept = stats.peaks(nowMs - peakSpanMs);
      // After a failure the next call reads again.
      kept.catch(() => {
        untilMs = 0;
      });
    }
    return kept;
  };
}
