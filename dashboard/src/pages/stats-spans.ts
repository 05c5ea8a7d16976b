/** The spans of time that the charts offer, and points for the intervals in which nothing happened. */
import type { StatsPoint } from "../../../server/src/admin-api/contract.ts";

const hourMs = 3_600_000;

export const spans = {
  Hour: { interval: "minute", stepMs: 60_000, spanMs: hourMs },
  Day: { interval: "hour", stepMs: hourMs, spanMs: 24 * hourMs },
  Week: { interval: "hour", stepMs: hourMs, spanMs: 7 * 24 * hourMs },
} as const;

export type Span = keyof typeof spans;

export function fillGaps(points: readonly StatsPoint[], span: Span): StatsPoint[] {
  const { stepMs, spanMs } = spans[span];
  const known = new Map(points.map((point) => [Date.parse(point.at), point]));
  const runningMs = Math.floor(Date.now() / stepMs) * stepMs;
  // The running interval has no figures until it ends: drawn as nothing, it would look like an outage.
  const lastMs = known.has(runningMs) ? runningMs : runningMs - stepMs;
  return Array.from({ length: spanMs / stepMs + 1 }, (_, index) => {
    const atMs = lastMs - spanMs + index * stepMs;
    return known.get(atMs) ?? nothingAt(new Date(atMs).toISOString());
  });
}

function nothingAt(at: string): StatsPoint {
  return { at, connections: 0, connectionsPeak: 0, messagesIn: 0, messagesOut: 0, apiRequests: 0, errors: 0 };
}
