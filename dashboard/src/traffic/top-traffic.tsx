/** The busiest channels and senders of an app now, for its overview. */
import type { TrafficAmount } from "@soketify/admin";
import { Link } from "wouter";
import { useGet } from "../api/use-api.ts";
import { buttonClass } from "../ui/button.tsx";
import { Panel } from "../ui/page.tsx";
import { Loaded } from "../ui/states.tsx";
import { everyMs, outOf, rate } from "./rates.ts";

const shownMax = 5;
/** A fixed height, so that the content below does not move when rows change. */
const rowsHeight = "min-h-[7.5rem]";

interface Row extends TrafficAmount {
  readonly name: string;
  readonly note: string;
}

export function TopTraffic({ appId }: { readonly appId: string }) {
  const traffic = useGet("GET /apps/{appId}/traffic", { path: { appId } }, { everyMs });
  return (
    <Panel
      title="Top channels and senders"
      lead="Published events and sent messages per second, now"
      actions={
        <Link to={`/apps/${appId}/traffic`} className={buttonClass()}>
          All traffic
        </Link>
      }
    >
      <Loaded of={traffic} rows={3}>
        {({ channels, senders }) => (
          <div className="grid gap-x-8 gap-y-4 md:grid-cols-2">
            <Top title="Channels" rows={channels.map((one) => ({ ...one, name: one.channel, note: "" }))} />
            <Top
              title="Senders"
              rows={senders.map(({ sender, ...one }) => ({
                ...one,
                name: sender.address || "unknown address",
                note: sender.sdk ?? "",
              }))}
            />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Top({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  return (
    <div className="min-w-0 text-[13px]">
      <h3 className="mb-1 font-medium">{title}</h3>
      <ul aria-label={title} className={`grid content-start gap-0.5 ${rowsHeight}`}>
        {rows.slice(0, shownMax).map((row) => (
          <li key={`${row.name} ${row.note}`} className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate">
              <span className="font-mono">{row.name}</span> <span className="text-soft">{row.note}</span>
            </span>
            <span className="shrink-0 text-soft tabular-nums">
              {rate(row.inPerSecond)} in · {outOf(row, rate(row.outPerSecond))} out
            </span>
          </li>
        ))}
        {rows.length === 0 && <li className="text-soft">Nothing was published in the last seconds.</li>}
      </ul>
    </div>
  );
}
