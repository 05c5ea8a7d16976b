/** The live console: the activity of the app in real time. */
import type { LiveEntry } from "@soketify/admin";
import { useState } from "react";
import type { FeedState } from "../api/live-stream.ts";
import { ConnectionDialog } from "../connections/connection-dialog.tsx";
import { useTitle } from "../shell/shown-app.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { exactly } from "../ui/clock.ts";
import { number, plural } from "../ui/numbers.ts";
import { Empty } from "../ui/states.tsx";
import { TimePicker } from "../ui/time-picker.tsx";
import { useOpened } from "../ui/use-opened.ts";
import { VirtualList } from "../ui/virtual-list.tsx";
import { useIsPhone } from "../ui/window-width.ts";
import { ConsoleFilters } from "./console-filters.tsx";
import { ConsoleRow } from "./console-row.tsx";
import { LiveDetail } from "./live-detail.tsx";
import { PastNote } from "./past-note.tsx";
import { useConsole } from "./use-console.ts";

const rowHeights = { line: 30, twoLines: 48 };

export default function ConsolePage({ appId }: { readonly appId: string }) {
  const view = useConsole(appId);
  const [open, setOpen] = useState<LiveEntry | null>(null);
  const connection = useOpened("socket");
  const isPhone = useIsPhone();
  useTitle("Live console");
  return (
    <div className="flex h-[calc(100dvh-49px)] min-h-96 flex-col gap-3 px-4 py-5 sm:px-8 lg:h-dvh">
      <header className="flex flex-wrap items-center gap-3">
        <h1>Live console</h1>
        <FeedBadge state={view.live.state} isPaused={view.isPaused} />
        <Counts count={view.live.count} dropped={view.live.dropped} />
        <div className="sm:ml-auto">
          <TimePicker first={null} />
        </div>
      </header>
      <ConsoleFilters
        filter={view.filter}
        onFilter={view.filterBy}
        search={view.search}
        onSearch={view.setSearch}
      >
        <Button
          aria-pressed={view.isPaused}
          onClick={view.isPaused ? view.resume : view.pause}
          className="w-24"
        >
          {view.isPaused ? "Resume" : "Pause"}
        </Button>
        <Button onClick={view.clear}>Clear</Button>
      </ConsoleFilters>
      {view.cleared !== null && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-soft">
          Rows before {exactly(view.cleared)} are hidden.
          <Button onClick={view.showCleared}>Show them</Button>
        </p>
      )}
      {view.past !== null && <PastNote list={view.past} bounds={view.bounds} />}
      <div className="flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-panel">
        <div className="relative min-h-0 flex-1">
          {view.rows.length === 0 ? (
            <Waiting isSearching={view.isNarrowed} />
          ) : (
            <VirtualList
              label="Rows"
              rows={view.rows}
              rowHeight={rowHeights[isPhone ? "twoLines" : "line"]}
              isFollowing={view.isFollowing}
              onFollowing={view.scrolled}
            >
              {(row, isLast) => (
                <ConsoleRow key={row.key} row={row} openId={open?.id} isTabStop={isLast} onOpen={setOpen} />
              )}
            </VirtualList>
          )}
          {view.newerCount > 0 && (
            <Button
              look="primary"
              className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-lg"
              onClick={view.resume}
            >
              {number(view.newerCount)} newer
            </Button>
          )}
        </div>
        {open !== null && <LiveDetail appId={appId} entry={open} onClose={() => setOpen(null)} />}
      </div>
      <ConnectionDialog appId={appId} socketId={connection.opened} onClose={connection.close} />
    </div>
  );
}

function Counts({ count, dropped }: { readonly count: number; readonly dropped: number }) {
  return (
    <span className="text-[13px] text-faint tabular-nums">
      {plural(count, "row")}
      {dropped > 0 && `; the oldest ${number(dropped)} were dropped`}
    </span>
  );
}

function Waiting({ isSearching }: { readonly isSearching: boolean }) {
  if (isSearching) return <Empty title="Nothing matches yet">New rows that match appear here.</Empty>;
  return (
    <Empty title="Waiting for activity">New connections, subscriptions, events and errors appear here.</Empty>
  );
}

const states: { readonly [State in FeedState]: { readonly tone: Tone; readonly words: string } } = {
  connecting: { tone: "plain", words: "Connecting…" },
  open: { tone: "good", words: "Live" },
  away: { tone: "warn", words: "Server unreachable, reconnecting" },
  unauthorized: { tone: "bad", words: "You no longer have access to this app" },
  appDeleted: { tone: "bad", words: "The app was deleted" },
  serverStopping: { tone: "warn", words: "The server is restarting" },
};

const paused = { tone: "warn", words: "Paused" } as const;

function FeedBadge({ state, isPaused }: { readonly state: FeedState; readonly isPaused: boolean }) {
  const { tone, words } = isPaused && state === "open" ? paused : states[state];
  return (
    <span role="status">
      <Badge tone={tone}>{words}</Badge>
    </span>
  );
}
