/** The errors of an app in the last seven days, grouped by cause. */
import type { Clock } from "../../core/ports/clock.ts";
import { affectedMax, type ErrorHour, samplesMax } from "../../core/ports/error-store.ts";
import type { ErrorHours } from "../../live/error-hours.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { ErrorGroup } from "../contracts/history.ts";
import { type Handlers, isoTime } from "../handlers.ts";

const hourMs = 3_600_000;
const hoursShown = 24;
const groupsShownMax = 200;

export function createErrorGroupHandlers(
  errors: ErrorHours,
  allNodes: AllNodes,
  clock: Clock,
): Handlers<"listErrorGroups"> {
  const saveEverywhere = allNodes.question("save errors", async () => {
    await errors.save();
    return true;
  });

  return {
    async listErrorGroups({ app }) {
      const { unanswered } = await saveEverywhere({});
      const hours = Map.groupBy(await errors.list(app), ({ groupId }) => groupId);
      const groups = [...hours.values()].map((ofGroup) => groupOf(ofGroup, clock.now()));
      return {
        groups: groups.sort((a, b) => b.lastAt.localeCompare(a.lastAt)).slice(0, groupsShownMax),
        unanswered,
      };
    },
  };
}

/** @param hours the hours of one group, at least one */
function groupOf(hours: readonly ErrorHour[], nowMs: number): ErrorGroup {
  const newest = hours
    .flatMap(({ hourMs: startMs, nodeId, newest: ofHour }) =>
      ofHour.map(({ sequence, ...sample }) => ({ id: `${startMs}-${nodeId}-${sequence}`, ...sample })),
    )
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, samplesMax * 2);
  const [{ groupId: id, cause }] = hours as [ErrorHour];
  return {
    id,
    ...cause,
    errors: sumOf(hours),
    firstAt: isoTime(Math.min(...hours.map(({ firstMs }) => firstMs))),
    lastAt: isoTime(Math.max(...hours.map(({ lastMs }) => lastMs))),
    lastHours: lastHours(hours, nowMs),
    sockets: affected(hours.map(({ socketIds }) => socketIds)),
    addresses: affected(hours.map(({ addresses }) => addresses)),
    newest: newest.map(({ atMs, ...sample }) => ({ at: isoTime(atMs), ...sample })),
  };
}

function lastHours(hours: readonly ErrorHour[], nowMs: number): number[] {
  const firstMs = Math.floor(nowMs / hourMs) * hourMs - (hoursShown - 1) * hourMs;
  return Array.from({ length: hoursShown }, (_, index) =>
    sumOf(hours.filter((hour) => hour.hourMs === firstMs + index * hourMs)),
  );
}

function sumOf(hours: readonly ErrorHour[]): number {
  return hours.reduce((sum, { errors }) => sum + errors, 0);
}

function affected(lists: readonly (readonly string[])[]): ErrorGroup["sockets"] {
  const all = [...new Set(lists.flat())];
  const isAtLeast = lists.some(({ length }) => length >= affectedMax);
  return { count: all.length, isAtLeast, some: all.slice(-affectedMax) };
}
