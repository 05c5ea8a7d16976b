/** What an app does now and did lately; for an app that nobody ever used, how to begin. */
import { type ReactNode, useState } from "react";
import type { App, StatsPoint } from "../../../server/src/admin-api/contract.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Chart } from "../ui/chart.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Loaded, Loading } from "../ui/states.tsx";
import { FirstEvent } from "./first-event.tsx";
import { NewestErrors } from "./newest-errors.tsx";
import { fillGaps, type Span, spans } from "./stats-spans.ts";

const appEveryMs = 2_000;
const statsEveryMs = 10_000;
/** The parts come together: one that came later would push the others down. */
const waitingRows = 12;

export default function OverviewPage({ appId }: { readonly appId: string }) {
  const app = useGet("GET /apps/{appId}", { path: { appId } }, { everyMs: appEveryMs });
  const [span, setSpan] = useState<Span>("Hour");
  const { interval } = spans[span];
  const stats = useGet(
    "GET /apps/{appId}/stats",
    { path: { appId }, query: { interval, from: startOf(span) } },
    { everyMs: statsEveryMs },
  );
  const days = useGet("GET /apps/{appId}/stats", { path: { appId }, query: { interval: "day" } });
  return (
    <Page
      title={app.data?.app.name ?? "Overview"}
      lead="Overview"
      actions={<SpanButtons span={span} onSpan={setSpan} />}
    >
      <Loaded of={app} rows={waitingRows}>
        {(answer) =>
          days.isPending || stats.isPending ? (
            <Loading rows={waitingRows} />
          ) : (
            <>
              <FirstEvent app={answer.app} wasUsed={days.data?.points.some(hasUse) ?? true} />
              <Now app={answer.app} points={stats.data?.points ?? []} />
              <Panel title={`The last ${span.toLowerCase()}`}>
                <Loaded of={stats} rows={6}>
                  {({ points }) => (
                    <Charts points={fillGaps(points, span)} limit={answer.app.settings.connectionsMax} />
                  )}
                </Loaded>
              </Panel>
              <NewestErrors appId={appId} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function hasUse({ connectionsPeak, apiRequests }: StatsPoint): boolean {
  return connectionsPeak > 0 || apiRequests > 0;
}

/** To the whole interval, so that the question stays the same from one render to the next. */
function startOf(span: Span): string {
  const { spanMs, stepMs } = spans[span];
  return new Date(Math.floor((Date.now() - spanMs) / stepMs) * stepMs).toISOString();
}

function SpanButtons({ span, onSpan }: { readonly span: Span; readonly onSpan: (span: Span) => void }) {
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Time shown</legend>
      {(Object.keys(spans) as Span[]).map((name) => (
        <Button
          key={name}
          aria-pressed={name === span}
          look={name === span ? "plain" : "quiet"}
          onClick={() => onSpan(name)}
        >
          {name}
        </Button>
      ))}
    </fieldset>
  );
}

function Now({ app, points }: { readonly app: App; readonly points: readonly StatsPoint[] }) {
  const peak = Math.max(app.connectionCount, ...points.map(({ connectionsPeak }) => connectionsPeak));
  const errors = points.reduce((sum, point) => sum + point.errors, 0);
  const limit = app.settings.connectionsMax;
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure name="Connections now" value={number(app.connectionCount)} />
      <Figure
        name="Peak connections"
        value={number(peak)}
        note={limit === 0 ? "no limit" : `of ${number(limit)}`}
      />
      <Figure name="Messages / min" value={number(app.messagesLastMinute)} />
      <Figure
        name="Errors"
        value={number(errors)}
        note={app.isEnabled ? undefined : <Badge tone="bad">Disabled</Badge>}
      />
    </dl>
  );
}

function Figure({
  name,
  value,
  note,
}: {
  readonly name: string;
  readonly value: string;
  readonly note?: ReactNode | undefined;
}) {
  return (
    <div className="rounded-lg border border-line bg-panel px-4 py-3">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="flex items-baseline gap-2 text-2xl font-semibold tracking-tight tabular-nums">
        {value} <span className="text-xs font-normal tracking-normal text-faint">{note}</span>
      </dd>
    </div>
  );
}

function Charts({ points, limit }: { readonly points: readonly StatsPoint[]; readonly limit: number }) {
  const series = (value: (point: StatsPoint) => number) =>
    points.map((point) => ({ at: point.at, value: value(point) }));
  return (
    <div className="grid gap-x-8 gap-y-6 md:grid-cols-2">
      <Chart
        title="Connections"
        unit="at the peak"
        points={series((point) => point.connectionsPeak)}
        limit={limit === 0 ? null : limit}
      />
      <Chart
        title="Messages"
        unit="in and out"
        points={series((point) => point.messagesIn + point.messagesOut)}
      />
      <Chart title="API calls" unit="calls" points={series((point) => point.apiRequests)} />
      <Chart title="Errors" unit="errors" points={series((point) => point.errors)} />
    </div>
  );
}
