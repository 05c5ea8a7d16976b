/** The coordinates of a chart's parts, in pixels. */
import { valueMarks } from "./chart-axis.ts";

export interface ChartPoint {
  readonly startMs: number;
  readonly endMs: number;
  /** Null: no data. */
  readonly value: number | null;
  /** The interval has not ended yet. */
  readonly isRunning: boolean;
}

export interface ChartGeometry {
  readonly width: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly marks: readonly number[];
  readonly isLimitInside: boolean;
  readonly xOf: (ms: number) => number;
  readonly yOf: (value: number) => number;
}

export const height = 160;
export const edge = { left: 42, right: 4, top: 20 };
export const bottom = height - 22;
/** A limit above this many times the peak is shown as text only: its line would make the values look flat. */
const limitShownUpToPeaks = 4;

export function geometryOf(
  width: number,
  points: readonly ChartPoint[],
  limit: number | null,
): ChartGeometry {
  const fromMs = points[0]?.startMs ?? 0;
  const toMs = points.at(-1)?.endMs ?? 1;
  const peak = Math.max(0, ...points.map(({ value }) => value ?? 0));
  const isLimitInside = limit !== null && limit <= peak * limitShownUpToPeaks;
  const marks = valueMarks(isLimitInside ? Math.max(limit, peak) : peak);
  const top = marks.at(-1) ?? 1;
  return {
    width,
    fromMs,
    toMs,
    marks,
    isLimitInside,
    xOf: (ms) => edge.left + ((ms - fromMs) / (toMs - fromMs)) * (width - edge.left - edge.right),
    yOf: (value) => bottom - (value / top) * (bottom - edge.top),
  };
}

export function middleOf({ startMs, endMs }: ChartPoint, { xOf }: ChartGeometry): number {
  return xOf((startMs + endMs) / 2);
}

export interface Run {
  readonly first: ChartPoint;
  readonly last: ChartPoint;
  readonly points: readonly ChartPoint[];
}

/** Groups adjacent points for which `holds` is true. */
export function runsOf(points: readonly ChartPoint[], holds: (point: ChartPoint) => boolean): Run[] {
  const runs: Run[] = [];
  for (const point of points) {
    if (!holds(point)) continue;
    const before = runs.at(-1);
    if (before?.last.endMs === point.startMs)
      runs[runs.length - 1] = { ...before, last: point, points: [...before.points, point] };
    else runs.push({ first: point, last: point, points: [point] });
  }
  return runs;
}
