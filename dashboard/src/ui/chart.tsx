/** Figures over time that a person can read: round marks, the one under the pointer or the arrow keys, and no line where nobody counted. */
import { type PointerEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { stretch, stretchSince } from "./chart-axis.ts";
import { ChartDrawing } from "./chart-drawing.tsx";
import { type ChartPlace, type ChartPoint, placeIn } from "./chart-place.ts";
import { exactNumber } from "./numbers.ts";

interface ChartProps {
  readonly title: string;
  /** What a point is of, in words. */
  readonly each: string;
  /** One of what is counted. */
  readonly noun: string;
  /** Amounts are bars; a level is a line. */
  readonly look: "bars" | "line";
  readonly tone?: "accent" | "bad";
  readonly points: readonly ChartPoint[];
  readonly limit?: number | null;
  /** Shown while no point is picked. */
  readonly summary: ReactNode;
  /** Where the point that is picked starts; charts beside each other share it. */
  readonly pickedMs: number | null;
  readonly onPick: (startMs: number | null) => void;
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
}: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const summaryId = useId();
  const place = placeIn(width, points, limit);
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
        onPointerDown={(event) => onPick(startUnder(event, place, points))}
        onPointerMove={(event) => onPick(startUnder(event, place, points))}
        onPointerLeave={({ pointerType }) => {
          // A finger that is lifted leaves too, and its owner wants to read.
          if (pointerType === "mouse") onPick(null);
        }}
      >
        {width > 0 && <ChartDrawing {...{ look, tone, points, limit, place, picked }} />}
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
  const when = isRunning ? stretchSince(startMs) : stretch(startMs, endMs);
  if (value === null) return `no data · ${when}`;
  const amount = `${exactNumber(value)}${limit === null ? "" : ` of ${exactNumber(limit)}`}`;
  return `${amount} ${value === 1 && limit === null ? noun : `${noun}s`}${isRunning ? " so far" : ""} · ${when}`;
}

function startUnder(
  { currentTarget, clientX }: PointerEvent,
  { xOf }: ChartPlace,
  points: readonly ChartPoint[],
): number | null {
  const x = clientX - currentTarget.getBoundingClientRect().left;
  return (points.find(({ endMs }) => x < xOf(endMs)) ?? points.at(-1))?.startMs ?? null;
}

/** Measured before the first picture: the drawing is in pixels, so that its words have one size everywhere. */
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
