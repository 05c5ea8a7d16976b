/** An app's current and recent activity; for an unused app, a guide to the first event. */
import type { App, StatsAnswer, StatsPoint } from "@soketify/admin";
import type { ReactNode } from "react";
import { useGet } from "../api/use-api.ts";
import { useLiveGet } from "../api/use-live-get.ts";
import { AppLimitsPanel } from "../limits/limits-panels.tsx";
import { TopTraffic } from "../traffic/top-traffic.tsx";
import { Badge } from "../ui/badge.tsx";
import { number, perSecond } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Loaded, Loading } from "../ui/states.tsx";
import { TimePicker } from "../ui/time-picker.tsx";
import { useTimeRange } from "../ui/time-range.ts";
import { Unanswered } from "../ui/unanswered.tsx";
import { ChangeList } from "./change-list.tsx";
import { useChanges } from "./changes.ts";
import { ErrorGroups, errorTypes } from "./error-groups.tsx";
import { FirstEvent } from "./first-event.tsx";
import { OverviewCharts } from "./overview-charts.tsx";
import { chartsOf, wholeOf } from "./stats-spans.ts";

const appEveryMs = 2_000;
/** Renders all parts together: a part that loads later would move the others down. */
const waitingRows = 12;

export default function OverviewPage({ appId }: { readonly appId: string }) {
  const app = useGet("GET /apps/{appId}", { path: { appId } }, { everyMs: appEveryMs });
  const range = useTimeRange();
  const { words, isNow, query } = chartsOf(range);
  const stats = useLiveGet("GET /apps/{appId}/stats", { path: { appId }, query }, errorTypes);
  const days = useGet("GET /apps/{appId}/stats", { path: { appId }, query: { interval: "day" } });
  return (
    <Page title={app.data?.app.name ?? "Overview"} lead="Overview" actions={<TimePicker first="Hour" />}>
      <Loaded of={app} rows={waitingRows}>
        {(answer) =>
          days.isPending || stats.isPending ? (
            <Loading rows={waitingRows} />
          ) : (
            <>
              <FirstEvent app={answer.app} wasUsed={days.data?.points.some(hasUse) ?? true} />
              <Now app={answer.app} points={stats.data?.points ?? []} lately={words} />
              <Panel
                title={isNow ? `The ${words}` : words}
                lead={`One point per ${query.interval}.${isNow ? ` The current ${query.interval} is drawn paler.` : ""}`}
              >
                <Loaded of={stats} rows={6}>
                  {(counted) => (
                    <>
                      <div className="mb-4 empty:hidden">
                        <Unanswered nodes={counted.unanswered} />
                      </div>
                      <ChartsWithChanges
                        appId={appId}
                        stats={counted}
                        limit={answer.app.settings.connectionsMax || null}
                      />
                    </>
                  )}
                </Loaded>
              </Panel>
              <TopTraffic appId={appId} />
              <AppLimitsPanel appId={appId} />
              <ErrorGroups appId={appId} period={range.period} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function ChartsWithChanges({
  appId,
  stats,
  limit,
}: {
  readonly appId: string;
  readonly stats: StatsAnswer;
  readonly limit: number | null;
}) {
  const { from, to } = wholeOf(stats);
  const changes = useChanges(appId, { from, to });
  return (
    <>
      <OverviewCharts stats={stats} limit={limit} changes={changes} />
      <ChangeList changes={changes} />
    </>
  );
}

function hasUse({ connectionsPeak, apiRequests }: StatsPoint): boolean {
  return connectionsPeak > 0 || apiRequests > 0;
}

function Now({
  app,
  points,
  lately,
}: {
  readonly app: App;
  readonly points: readonly StatsPoint[];
  /** Such as `last hour`. */
  readonly lately: string;
}) {
  const peak = Math.max(app.connectionCount, ...points.map(({ connectionsPeak }) => connectionsPeak));
  const errors = points.reduce((sum, point) => sum + point.errors, 0);
  const limit = app.settings.connectionsMax;
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure name="Connections now" value={number(app.connectionCount)} />
      <Figure
        name={`Peak, ${lately}`}
        value={number(peak)}
        note={limit === 0 ? "no limit" : `of ${number(limit)}`}
      />
      <Figure
        name="Messages per second"
        value={perSecond(app.messagesLastMinute)}
        note={`${number(app.messagesLastMinute)} in the last minute`}
      />
      <Figure
        name={`Errors, ${lately}`}
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
      <dd className="flex flex-wrap items-baseline gap-x-2 text-2xl font-semibold tracking-tight tabular-nums">
        {value}{" "}
        <span className="text-xs font-normal tracking-normal whitespace-nowrap text-faint">{note}</span>
      </dd>
    </div>
  );
}
