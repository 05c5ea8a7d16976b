/** A chart of values over time. The pointer or the arrow keys select a point. Intervals without data are hatched. */
import { type PointerEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { exactNumber } from "../numbers.ts";
import { periodText, periodTextSince } from "./chart-axis.ts";
import { ChartDrawing } from "./chart-drawing.tsx";
import { type ChartGeometry, type ChartPoint, geometryOf } from "./chart-geometry.ts";

interface ChartProps {
  readonly title: string;
  readonly each: string;
  /** The singular noun for the counted items, such as `message`. */
  readonly noun: string;
  /** Bars for amounts per interval, a line for a level. */
  readonly look: "bars" | "line";
  readonly tone?: "accent" | "bad";
  readonly points: readonly ChartPoint[];
  readonly limit?: number | null;
  /** Shown while no point is selected. */
  readonly summary: ReactNode;
  /** The start of the selected point. Charts side by side share it. */
  readonly pickedMs: number | null;
  readonly onPick: (startMs: number | null) => void;
  /** The times of changes to mark. */
  readonly marksMs?: readonly number[];
}

export function Chart({
  title,
  each,
  noun,
  look,
  tone = "accent",
  points,
  limit = null,
  summary,
  pickedMs,
  onPick,
  marksMs = [],
}: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const summaryId = useId();
  const geometry = geometryOf(width, points, limit);
  const picked = points.find(({ startMs }) => startMs === pickedMs) ?? null;
  const shown = picked ?? points.at(-1);
  return (
    <figure className="min-w-0">
      <figcaption className="text-[13px]">
        <span className="font-medium">{title}</span> <span className="text-xs text-faint">{each}</span>
        <span id={summaryId} className="block truncate text-xs leading-5 text-soft tabular-nums">
          {picked === null ? summary : pointWords(picked, noun, limit)}
        </span>
      </figcaption>
      <div
        ref={box}
        className="relative mt-1 h-40 touch-pan-y rounded-md has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
        onPointerDown={(event) => onPick(startUnder(event, geometry, points))}
        onPointerMove={(event) => onPick(startUnder(event, geometry, points))}
        onPointerLeave={({ pointerType }) => {
          // A lifted finger also leaves, but the selected value must stay readable.
          if (pointerType === "mouse") onPick(null);
        }}
      >
        {width > 0 && (
          <ChartDrawing
            look={look}
            tone={tone}
            points={points}
            limit={limit}
            geometry={geometry}
            picked={picked}
            marksMs={marksMs}
          />
        )}
        {shown !== undefined && (
          <input
            type="range"
            aria-label={title}
            aria-describedby={summaryId}
            aria-valuetext={pointWords(shown, noun, limit)}
            className="pointer-events-none absolute inset-0 opacity-0"
            min={0}
            max={points.length - 1}
            value={points.indexOf(shown)}
            onFocus={() => onPick(shown.startMs)}
            onBlur={() => onPick(null)}
            onChange={({ currentTarget }) => onPick(points[currentTarget.valueAsNumber]?.startMs ?? null)}
          />
        )}
      </div>
    </figure>
  );
}

function pointWords(
  { startMs, endMs, value, isRunning }: ChartPoint,
  noun: string,
  limit: number | null,
): string {
  const when = isRunning ? periodTextSince(startMs) : periodText(startMs, endMs);
  if (value === null) return `no data · ${when}`;
  const amount = `${exactNumber(value)}${limit === null ? "" : ` of ${exactNumber(limit)}`}`;
  return `${amount} ${value === 1 && limit === null ? noun : `${noun}s`}${isRunning ? " so far" : ""} · ${when}`;
}

function startUnder(
  { currentTarget, clientX }: PointerEvent,
  { xOf }: ChartGeometry,
  points: readonly ChartPoint[],
): number | null {
  const x = clientX - currentTarget.getBoundingClientRect().left;
  return (points.find(({ endMs }) => x < xOf(endMs)) ?? points.at(-1))?.startMs ?? null;
}

/** Measured before the first paint. The drawing uses pixels, so that its text has the same size at every width. */
function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
