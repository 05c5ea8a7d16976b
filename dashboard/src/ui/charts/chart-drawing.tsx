/** The SVG of a chart. It is hidden from screen readers; the chart has a text alternative. */
import { useId } from "react";
import { exactNumber, shortNumber } from "../numbers.ts";
import { timeMarks } from "./chart-axis.ts";
import {
  bottom,
  type ChartGeometry,
  type ChartPoint,
  edge,
  height,
  middleOf,
  runsOf,
} from "./chart-geometry.ts";

const timeMarkWidth = 64;

interface PartProps {
  readonly points: readonly ChartPoint[];
  readonly geometry: ChartGeometry;
}

export function ChartDrawing({
  look,
  tone,
  points,
  limit,
  geometry,
  picked,
  marksMs,
}: PartProps & {
  readonly look: "bars" | "line";
  readonly tone: "accent" | "bad";
  readonly limit: number | null;
  readonly picked: ChartPoint | null;
  readonly marksMs: readonly number[];
}) {
  const paint = paints[tone];
  const pickedX = picked === null ? 0 : middleOf(picked, geometry);
  return (
    <svg width={geometry.width} height={height} aria-hidden="true" className="absolute inset-0 select-none">
      <Axes geometry={geometry} />
      <Gaps points={points} geometry={geometry} />
      {picked !== null && (
        <line x1={pickedX} x2={pickedX} y1={edge.top} y2={bottom} className="stroke-faint" />
      )}
      {look === "bars" ? (
        <Bars points={points} geometry={geometry} paint={paint} picked={picked} />
      ) : (
        <Line points={points} geometry={geometry} paint={paint} />
      )}
      {look === "line" && picked !== null && picked.value !== null && (
        <circle
          cx={pickedX}
          cy={geometry.yOf(picked.value)}
          r="4"
          strokeWidth="2"
          className={`stroke-panel ${paint.fill}`}
        />
      )}
      <ChangeMarks marksMs={marksMs} geometry={geometry} />
      {limit !== null && <Limit limit={limit} geometry={geometry} />}
    </svg>
  );
}

const paints = {
  accent: { fill: "fill-accent", stroke: "stroke-accent" },
  bad: { fill: "fill-bad", stroke: "stroke-bad" },
} as const;
type Paint = (typeof paints)[keyof typeof paints];

function Axes({ geometry: { width, fromMs, toMs, marks, xOf, yOf } }: Pick<PartProps, "geometry">) {
  const times = timeMarks(fromMs, toMs, Math.floor((width - edge.left) / timeMarkWidth));
  return (
    <g className="fill-faint text-[11px] tabular-nums">
      {marks.map((mark) => (
        <g key={mark}>
          <line
            x1={edge.left}
            x2={width - edge.right}
            y1={yOf(mark)}
            y2={yOf(mark)}
            className="stroke-line"
          />
          <text x={edge.left - 8} y={yOf(mark) + 4} textAnchor="end">
            {shortNumber(mark)}
          </text>
        </g>
      ))}
      {times.map(({ atMs, text }) => (
        <g key={atMs}>
          <line x1={xOf(atMs)} x2={xOf(atMs)} y1={bottom} y2={bottom + 4} className="stroke-faint" />
          <text x={Math.min(xOf(atMs), width - 18)} y={height - 4} textAnchor="middle">
            {text}
          </text>
        </g>
      ))}
    </g>
  );
}

function Gaps({ points, geometry: { xOf } }: PartProps) {
  const hatch = useId();
  return (
    <>
      <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line y2="6" strokeWidth="2" className="stroke-line" />
      </pattern>
      {runsOf(points, ({ value }) => value === null).map(({ first, last }) => (
        <rect
          key={first.startMs}
          x={xOf(first.startMs)}
          width={xOf(last.endMs) - xOf(first.startMs)}
          y={edge.top}
          height={bottom - edge.top}
          fill={`url(#${hatch})`}
        />
      ))}
    </>
  );
}

function Bars({
  points,
  geometry: { xOf, yOf },
  paint,
  picked,
}: PartProps & { readonly paint: Paint; readonly picked: ChartPoint | null }) {
  return points.map((point) => {
    if (point.value === null || point.value === 0) return null;
    const x = xOf(point.startMs);
    const space = xOf(point.endMs) - x;
    const y = Math.min(yOf(point.value), bottom - 1);
    return (
      <rect
        key={point.startMs}
        x={x}
        width={Math.max(1, space - Math.min(2, space / 4))}
        y={y}
        height={bottom - y}
        rx={Math.min(1.5, space / 4)}
        className={`${point === picked ? "fill-ink" : paint.fill} ${point.isRunning ? "opacity-50" : ""}`}
      />
    );
  });
}

function Line({ points, geometry, paint }: PartProps & { readonly paint: Paint }) {
  const at = (point: ChartPoint) =>
    `${middleOf(point, geometry).toFixed(1)},${geometry.yOf(point.value ?? 0).toFixed(1)}`;
  return runsOf(points, ({ value }) => value !== null).map(({ first, last, points: run }) => {
    const over = run.filter(({ isRunning }) => !isRunning);
    const stroke = `fill-none ${paint.stroke}`;
    return (
      <g key={first.startMs} strokeWidth="1.75" strokeLinejoin="round" strokeLinecap="round">
        <polygon
          points={`${middleOf(first, geometry)},${bottom} ${run.map(at).join(" ")} ${middleOf(last, geometry)},${bottom}`}
          className={`${paint.fill} opacity-10`}
        />
        {over.length > 1 && <polyline points={over.map(at).join(" ")} className={stroke} />}
        {last.isRunning && (
          <polyline
            points={[...over.slice(-1), last].map(at).join(" ")}
            strokeDasharray="2 4"
            className={stroke}
          />
        )}
        {(run.length === 1 || last.isRunning) && (
          <circle
            cx={middleOf(last, geometry)}
            cy={geometry.yOf(last.value ?? 0)}
            r="2.5"
            className={`${paint.stroke} ${last.isRunning ? "fill-panel" : paint.fill}`}
          />
        )}
      </g>
    );
  });
}

/** A dashed line with a triangle on top. */
function ChangeMarks({
  marksMs,
  geometry: { xOf, fromMs, toMs },
}: Pick<PartProps, "geometry"> & { readonly marksMs: readonly number[] }) {
  const inside = [...new Set(marksMs)].filter((ms) => ms >= fromMs && ms <= toMs);
  return inside.map((ms) => (
    <g key={ms} data-mark={ms}>
      <line
        x1={xOf(ms)}
        x2={xOf(ms)}
        y1={edge.top}
        y2={bottom}
        strokeDasharray="2 3"
        className="stroke-warn"
      />
      <path d={`M${xOf(ms) - 4} ${edge.top - 6}h8l-4 6z`} className="fill-warn" />
    </g>
  ));
}

function Limit({ limit, geometry }: { readonly limit: number; readonly geometry: ChartGeometry }) {
  const { width, isLimitInside, yOf } = geometry;
  const y = isLimitInside ? yOf(limit) : edge.top;
  return (
    <>
      {isLimitInside && (
        <line
          x1={edge.left}
          x2={width - edge.right}
          y1={y}
          y2={y}
          strokeWidth="1.25"
          strokeDasharray="6 4"
          className="stroke-bad"
        />
      )}
      <text
        x={width - edge.right}
        y={y - 6}
        textAnchor="end"
        className="fill-bad stroke-panel text-[11px] tabular-nums [paint-order:stroke] [stroke-width:4px]"
      >
        {isLimitInside ? `limit ${exactNumber(limit)}` : `limit ${exactNumber(limit)} ↑`}
      </text>
    </>
  );
}
