import type { Channel } from "@soketify/admin";
import { useMemo, useSyncExternalStore } from "react";
import { Link } from "wouter";
import { LiveLog } from "../api/live-log.ts";
import { useGet } from "../api/use-api.ts";
import { lookOf, wordsOf } from "../console/live-row.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, buttonClass } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { number } from "../ui/numbers.ts";
import { Panel } from "../ui/page.tsx";
import { reachable } from "../ui/reachable.ts";
import { Loaded } from "../ui/states.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { ClockTime, When } from "../ui/when.tsx";
import { historyPath } from "./history-path.ts";

const askedEveryMs = 2_000;
const rowsShown = 12;

export function ChannelPanel({
  appId,
  channel,
  onClose,
}: {
  readonly appId: string;
  readonly channel: string;
  readonly onClose: () => void;
}) {
  return (
    <Panel title={channel} actions={<Button onClick={onClose}>Close</Button>}>
      <ChannelDetails appId={appId} channel={channel} />
    </Panel>
  );
}

export function ChannelDetails({ appId, channel }: { readonly appId: string; readonly channel: string }) {
  const one = useGet(
    "GET /apps/{appId}/channels/{channel}",
    { path: { appId, channel } },
    { everyMs: askedEveryMs },
  );
  return (
    <div className="grid grid-cols-1 gap-5 text-[13px]">
      <div>
        <Link href={historyPath(appId, channel)} className={buttonClass()}>
          History
        </Link>
      </div>
      <Loaded of={one}>
        {({ channel: found, unanswered }) => (
          <>
            <Unanswered nodes={unanswered} />
            <Facts channel={found} />
          </>
        )}
      </Loaded>
      <LiveRows appId={appId} channel={channel} />
    </div>
  );
}

function Facts({ channel }: { readonly channel: Channel }) {
  const { members, subscribers, subscriptionCount, cachedEvent } = channel;
  return (
    <>
      {!channel.isOccupied && <Badge tone="warn">No subscribers left</Badge>}
      {members !== null && (
        <section className="grid grid-cols-1 gap-1.5">
          <h3 className="text-xs font-medium text-faint">Members ({members.length})</h3>
          <ul className="grid grid-cols-1 gap-1">
            {members.map(({ id, info }) => (
              <li key={id} className="flex min-w-0 gap-2">
                <span className="font-mono font-medium">{id}</span>
                <span className="min-w-0 truncate font-mono text-soft">
                  {info === null ? "" : JSON.stringify(info)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="grid grid-cols-1 gap-1.5">
        <h3 className="text-xs font-medium text-faint">Subscribers ({number(subscriptionCount)})</h3>
        <div {...reachable("Subscribers")} className="max-h-32 overflow-y-auto text-soft">
          {subscribers.length === 0 && "No subscribers"}
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(11.5rem,1fr))] gap-x-3 font-mono">
            {subscribers.map(({ socketId }) => (
              <li key={socketId}>{socketId}</li>
            ))}
          </ul>
        </div>
      </section>
      {cachedEvent !== null && (
        <section className="grid grid-cols-1 gap-1.5">
          <h3 className="text-xs font-medium text-faint">
            Cached event: {cachedEvent.name}, expires <When at={cachedEvent.expiresAt} />
          </h3>
          <CodeBlock code={cachedEvent.data} label="the cached event" />
        </section>
      )}
    </>
  );
}

function LiveRows({ appId, channel }: { readonly appId: string; readonly channel: string }) {
  const log = useMemo(() => new LiveLog(appId, { channel }), [appId, channel]);
  const { rows } = useSyncExternalStore(log.subscribe, log.snapshot);
  const entries = rows
    .flatMap((row) => (row.kind === "entry" ? [row.entry] : []))
    .slice(-rowsShown)
    .reverse();
  return (
    <section className="grid grid-cols-1 gap-1.5">
      <h3 className="text-xs font-medium text-faint">Live</h3>
      {entries.length === 0 && <p className="text-soft">Activity on this channel appears here.</p>}
      <ul className="grid grid-cols-1 gap-1">
        {entries.map((entry) => (
          <li key={entry.id} className="flex items-center gap-2">
            <ClockTime at={entry.at} className="font-mono text-xs text-faint" />
            <Badge tone={lookOf(entry).tone}>{lookOf(entry).label}</Badge>
            <span className="min-w-0 flex-1 truncate font-mono text-xs text-soft">{wordsOf(entry)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
