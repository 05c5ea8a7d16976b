/** What an app did, as four charts of the same time: a moment that is picked in one is picked in all. */
import { type ReactNode, useState } from "react";
import type { StatsAnswer, StatsPoint } from "../../../server/src/admin-api/contracts/server.ts";
import { Chart } from "../ui/chart.tsx";
import { exactNumber } from "../ui/numbers.ts";
import { intervalsOf } from "./stats-spans.ts";

/** From this share of the limit on a peak is a warning. */
const nearLimit = 0.8;

export function OverviewCharts({
  stats,
  limit,
}: {
  readonly stats: StatsAnswer;
  readonly limit: number | null;
}) {
  const { interval } = stats;
  const intervals = intervalsOf(stats);
  const [pickedMs, setPickedMs] = useState<number | null>(null);
  const common = { pickedMs, onPick: setPickedMs };
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
          each={`at the peak of each ${interval}`}
          noun="connection"
          look="line"
          points={connections.points}
          limit={limit}
          summary={peakWords(Math.max(0, ...connections.values), limit)}
        />
        <Chart
          title="Messages"
          each={`in and out, each ${interval}`}
          noun="message"
          {...amounts(({ messagesIn, messagesOut }) => messagesIn + messagesOut)}
        />
        <Chart
          title="API calls"
          each={`each ${interval}`}
          noun="call"
          {...amounts(({ apiRequests }) => apiRequests)}
        />
        <Chart
          title="Errors"
          each={`each ${interval}`}
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
    : `${exactNumber(sum)} in all · at most ${exactNumber(Math.max(...values))} in one ${interval}`;
}

function peakWords(peak: number, limit: number | null): ReactNode {
  if (limit === null) return `Peak ${exactNumber(peak)} · no limit`;
  const share = peak / limit;
  const percent = share.toLocaleString("en", {
    style: "percent",
    maximumFractionDigits: share < 0.1 ? 1 : 0,
  });
  return (
    <span className={share >= 1 ? "text-bad" : share >= nearLimit ? "text-warn" : ""}>
      Peak {exactNumber(peak)} of {exactNumber(limit)} ({percent} of the limit)
    </span>
  );
}
