/** Reads the series of an app's counts: those in the store, and those that nodes have not saved yet. */
import type { NodeName } from "../core/ports/nodes.ts";
import {
  type AppStats,
  peakTogether,
  type StatsPoint,
  type StatsResolution,
  type StatsStore,
  spanStart,
  type UnsavedStats,
} from "../core/ports/stats-store.ts";
import type { AllNodes, Gathered } from "./all-nodes.ts";

/** Nodes save at the start of each minute, so a second attempt usually finds all of them after it. */
const attemptsMax = 3;

export type ReadStats = (
  appId: string,
  resolution: StatsResolution,
  fromMs: number,
  toMs: number,
) => Promise<{ readonly points: StatsPoint[]; readonly unanswered: NodeName[] }>;

/** @param unsavedHere returns this node's unsaved counts */
export function createReadStats(
  store: Pick<StatsStore, "series">,
  unsavedHere: (appId: string) => Promise<UnsavedStats>,
  allNodes: AllNodes,
): ReadStats {
  const unsaved = allNodes.question("unsaved statistics", unsavedHere);

  return async function readStats(appId, resolution, fromMs, toMs) {
    let before = await unsaved(appId);
    for (let attempt = 1; ; attempt++) {
      const stored = await store.series(appId, resolution, fromMs, toMs);
      const after = await unsaved(appId);
      // If a node saved in the meantime, its minute may be in both results or in neither.
      const isOfOneMoment = savedCounts(before) === savedCounts(after);
      before = after;
      if (!isOfOneMoment && attempt < attemptsMax) continue;
      const points = new Map(stored.map((point) => [point.startMs, point]));
      for (const minute of minutesOf(after)) {
        const startMs = spanStart(minute.startMs, resolution);
        if (startMs < fromMs || startMs >= toMs) continue;
        points.set(startMs, { startMs, ...together(points.get(startMs), minute, resolution) });
      }
      return {
        points: [...points.values()].sort((one, other) => one.startMs - other.startMs),
        unanswered: after.unanswered,
      };
    }
  };
}

function savedCounts({ parts }: Gathered<UnsavedStats>): string {
  const counts = parts.map(({ nodeId, answer }) => `${nodeId} ${answer.savedCount}`);
  return counts.sort().join();
}

/** Sums the nodes' minutes first, because the peak of an hour is that of all nodes together. */
function minutesOf({ parts }: Gathered<UnsavedStats>): Iterable<StatsPoint> {
  const minutes = new Map<number, StatsPoint>();
  for (const { startMs, ...stats } of parts.flatMap(({ answer }) => answer.minutes))
    minutes.set(startMs, { startMs, ...together(minutes.get(startMs), stats, "minute") });
  return minutes.values();
}

/** Like the store: sums the minutes of the nodes, and combines the minutes of an hour or a day. */
function together(stored: AppStats | undefined, minute: AppStats, resolution: StatsResolution): AppStats {
  if (stored === undefined) return minute;
  const isMinute = resolution === "minute";
  return {
    connections: isMinute ? stored.connections + minute.connections : stored.connections,
    connectionsPeak: isMinute
      ? peakTogether(stored, minute)
      : Math.max(stored.connectionsPeak, minute.connectionsPeak),
    messagesIn: stored.messagesIn + minute.messagesIn,
    messagesOut: stored.messagesOut + minute.messagesOut,
    apiRequests: stored.apiRequests + minute.apiRequests,
    errors: stored.errors + minute.errors,
  };
}
