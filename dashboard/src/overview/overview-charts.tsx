/** Four charts of an app over the same time span. A point selected in one chart is selected in all. */
import type { StatsAnswer, StatsPoint } from "@soketify/admin";
import { type ReactNode, useState } from "react";
import { isNear } from "../../../server/src/core/limits/limit-use.ts";
import { Chart } from "../ui/charts/chart.tsx";
import { exactNumber, percent } from "../ui/numbers.ts";
import type { Change } from "./changes.ts";
import { intervalsOf } from "./stats-spans.ts";

export function OverviewCharts({
  stats,
  limit,
  changes,
}: {
  readonly stats: StatsAnswer;
  readonly limit: number | null;
  /** The changes to mark in each chart. */
  readonly changes: readonly Change[];
}) {
  const { interval } = stats;
  const intervals = intervalsOf(stats);
  const [pickedMs, setPickedMs] = useState<number | null>(null);
  const common = { pickedMs, onPick: setPickedMs, marksMs: changes.map(({ atMs }) => atMs) };
  const series = (amountOf: (point: StatsPoint) => number) => {
    const points = intervals.map(({ point, ...time }) => ({
      ...time,
      value: point === null ? null : amountOf(point),
    }));
    return { points, values: points.flatMap(({ value }) => value ?? []) };
  };
  const amounts = (amountOf: (point: StatsPoint) => number) => {
    const { points, values } = series(amountOf);
    return { ...common, points, look: "bars" as const, summary: amountWords(values, interval) };
  };
  const connections = series(({ connectionsPeak }) => connectionsPeak);
  return (
    <>
      <div className="grid gap-x-8 gap-y-6 md:grid-cols-2">
        <Chart
          {...common}
          title="Connections"
          each={`peak per ${interval}`}
          noun="connection"
          look="line"
          points={connections.points}
          limit={limit}
          summary={peakWords(Math.max(0, ...connections.values), limit)}
        />
        <Chart
          title="Messages"
          each={`in and out, per ${interval}`}
          noun="message"
          {...amounts(({ messagesIn, messagesOut }) => messagesIn + messagesOut)}
        />
        <Chart
          title="API calls"
          each={`per ${interval}`}
          noun="call"
          {...amounts(({ apiRequests }) => apiRequests)}
        />
        <Chart
          title="Errors"
          each={`per ${interval}`}
          noun="error"
          tone="bad"
          {...amounts(({ errors }) => errors)}
        />
      </div>
      {intervals.some(({ point }) => point === null) && (
        <p className="mt-4 text-xs text-faint">
          Hatched: no data. The server was not running, or the app did not exist yet.
        </p>
      )}
    </>
  );
}

function amountWords(values: readonly number[], interval: string): string {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum === 0
    ? "None"
    : `Total ${exactNumber(sum)} · peak ${exactNumber(Math.max(...values))} per ${interval}`;
}

function peakWords(peak: number, limit: number | null): ReactNode {
  if (limit === null) return `Peak ${exactNumber(peak)} · no limit`;
  const share = peak / limit;
  return (
    <span className={share >= 1 ? "text-bad" : isNear({ used: peak, max: limit }) ? "text-warn" : ""}>
      Peak {exactNumber(peak)} of {exactNumber(limit)} ({percent(share)} of the limit)
    </span>
  );
}
