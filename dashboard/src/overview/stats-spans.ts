/** The time spans of the charts, and the division of an answer into their intervals. */
import type { StatsAnswer, StatsPoint } from "../../../server/src/admin-api/contracts/server.ts";

const stepsMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export const spans = {
  Hour: { interval: "minute", intervals: 60 },
  Day: { interval: "hour", intervals: 24 },
  Week: { interval: "hour", intervals: 7 * 24 },
} as const;

export type Span = keyof typeof spans;

interface StatsInterval {
  readonly startMs: number;
  readonly endMs: number;
  readonly isRunning: boolean;
  /** Null: no data. */
  readonly point: StatsPoint | null;
}

/** Every interval from the answer's first one to the current one, by the server's clock. */
export function intervalsOf({ interval, from, until, points }: StatsAnswer): StatsInterval[] {
  const stepMs = stepsMs[interval];
  const known = new Map(points.map((point) => [Date.parse(point.at), point]));
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
  return Array.from({ length: Math.ceil((untilMs - fromMs) / stepMs) }, (_, index) => {
    const startMs = fromMs + index * stepMs;
    const endMs = startMs + stepMs;
    return { startMs, endMs, isRunning: endMs > untilMs, point: known.get(startMs) ?? null };
  });
}
