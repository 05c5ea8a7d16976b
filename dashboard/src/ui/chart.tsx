/** A line of figures over time that a person can read: an axis from zero, round marks, the point under the pointer. */
import { type PointerEvent, useState } from "react";
import { number } from "./numbers.ts";

export interface ChartPoint {
  /** ISO 8601. */
  readonly at: string;
  readonly value: number;
}

const width = 560;
const height = 150;
const edge = { left: 56, right: 8, top: 12, bottom: 26 };

export function Chart({
  title,
  unit,
  points,
  limit = null,
}: {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly ChartPoint[];
  /** Drawn as a line of its own. */
  readonly limit?: number | null;
}) {
  const [pickedIndex, setPickedIndex] = useState<number | null>(null);
  const max = roundAbove(Math.max(limit ?? 0, ...points.map(({ value }) => value)));
  const x = (index: number) =>
    edge.left + (index / Math.max(1, points.length - 1)) * (width - edge.left - edge.right);
  const y = (value: number) => edge.top + (1 - value / max) * (height - edge.top - edge.bottom);
  const line = points.map(({ value }, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const shown = points[pickedIndex ?? points.length - 1];
  const pick = ({ currentTarget, clientX }: PointerEvent<SVGSVGElement>) => {
    const { left, width: drawn } = currentTarget.getBoundingClientRect();
    const share = (((clientX - left) / drawn) * width - edge.left) / (width - edge.left - edge.right);
    setPickedIndex(Math.max(0, Math.min(points.length - 1, Math.round(share * (points.length - 1)))));
  };
  return (
    <figure className="min-w-0">
      <figcaption className="flex items-baseline justify-between gap-2">
        <span className="text-[13px] font-medium">{title}</span>
        <span className="text-xs text-soft tabular-nums">
          {shown === undefined
            ? "no figures yet"
            : `${number(shown.value)} ${unit} · ${clock(shown.at, points)}`}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${title}: at most ${number(Math.max(0, ...points.map(({ value }) => value)))} ${unit}`}
        className="mt-2 w-full"
        onPointerMove={pick}
        onPointerLeave={() => setPickedIndex(null)}
      >
        {[0, max / 2, max].map((mark) => (
          <g key={mark}>
            <line x1={edge.left} x2={width - edge.right} y1={y(mark)} y2={y(mark)} className="stroke-line" />
            <text
              x={edge.left - 8}
              y={y(mark) + 4}
              textAnchor="end"
              className="fill-faint text-[12px] max-sm:text-[18px]"
            >
              {number(mark)}
            </text>
          </g>
        ))}
        {points.length > 1 && (
          <>
            <polygon
              points={`${x(0)},${y(0)} ${line} ${x(points.length - 1)},${y(0)}`}
              className="fill-accent opacity-10"
            />
            <polyline
              points={line}
              className="fill-none stroke-accent"
              strokeWidth="1.75"
              strokeLinejoin="round"
            />
          </>
        )}
        {limit !== null && limit > 0 && (
          <line
            x1={edge.left}
            x2={width - edge.right}
            y1={y(limit)}
            y2={y(limit)}
            className="stroke-bad"
            strokeDasharray="4 3"
          />
        )}
        {shown !== undefined && (
          <circle
            cx={x(pickedIndex ?? points.length - 1)}
            cy={y(shown.value)}
            r="3.5"
            className="fill-accent stroke-panel"
            strokeWidth="1.5"
          />
        )}
        {[0, Math.floor((points.length - 1) / 2), points.length - 1].map((index, place) => {
          const point = points[index];
          if (point === undefined || points.length < 3) return null;
          return (
            <text
              key={point.at}
              x={x(index)}
              y={height - 5}
              textAnchor={place === 0 ? "start" : place === 1 ? "middle" : "end"}
              className="fill-faint text-[12px] max-sm:text-[18px]"
            >
              {clock(point.at, points)}
            </text>
          );
        })}
      </svg>
    </figure>
  );
}

/** The next of 2, 4, 10, 20, 40, 100, …: its half is round too. */
function roundAbove(value: number): number {
  for (let size = 1; ; size *= 10) {
    for (const step of [2, 4, 10]) if (step * size >= value) return step * size;
  }
}

function clock(at: string, points: readonly ChartPoint[]): string {
  const spanMs = Date.parse(points.at(-1)?.at ?? at) - Date.parse(points[0]?.at ?? at);
  const date = new Date(at);
  return spanMs > 86_400_000 * 2
    ? date.toLocaleDateString("en", { day: "numeric", month: "short" })
    : date.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false });
}
