/** The live console: what happens in the app, as it happens. */
import { useDeferredValue, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { type FeedState, LiveLog, type LogRow, type LogSnapshot } from "../api/live-log.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { number, plural } from "../ui/numbers.ts";
import { Empty } from "../ui/states.tsx";
import { VirtualList } from "../ui/virtual-list.tsx";
import { ConsoleFilters, noFilter } from "./console-filters.tsx";
import { LiveDetail } from "./live-detail.tsx";
import { channelsOf, lookOf, timeOf, wordsOf } from "./live-row.ts";

const rowHeight = 30;

export default function ConsolePage({ appId }: { readonly appId: string }) {
  const [filter, setFilter] = useState(noFilter);
  const [search, setSearch] = useState("");
  const [isPaused, setIsPaused] = useState(false);
  const [isFollowing, setIsFollowing] = useState(true);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const asked = useDeferredValue(filter);
  const log = useMemo(() => new LiveLog(appId, asked), [appId, asked]);
  const live = useSyncExternalStore(log.subscribe, log.snapshot);
  const shown = useHeld(live, isPaused || !isFollowing);
  const rows = useMemo(() => matching(shown.rows, search), [shown.rows, search]);
  const open = rows.find((row) => row.key === openKey && row.kind === "entry");
  const missedCount = live.count - shown.count;
  useEffect(() => {
    document.title = "Live console · Soketify";
  }, []);

  return (
    <div className="flex h-[calc(100dvh-49px)] min-h-96 flex-col gap-3 px-4 py-5 sm:px-8 lg:h-dvh">
      <header className="flex flex-wrap items-center gap-3">
        <h1>Live console</h1>
        <FeedBadge state={live.state} />
        <span className="text-[13px] text-faint tabular-nums">{plural(live.count, "row")}</span>
      </header>
      <ConsoleFilters filter={filter} onFilter={setFilter} search={search} onSearch={setSearch}>
        <Button aria-pressed={isPaused} onClick={() => setIsPaused(!isPaused)} className="w-24">
          {isPaused ? "Resume" : "Pause"}
        </Button>
        <Button onClick={() => log.clear()}>Clear</Button>
      </ConsoleFilters>
      <div className="flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-panel">
        <div className="relative min-h-0 flex-1">
          {rows.length === 0 ? (
            <Waiting isSearching={search !== "" || filter !== noFilter} />
          ) : (
            <VirtualList
              label="Rows"
              rows={rows}
              rowHeight={rowHeight}
              isFollowing={isFollowing && !isPaused}
              onFollowing={setIsFollowing}
            >
              {(row) => (
                <Row
                  key={row.key}
                  row={row}
                  isOpen={row.key === openKey}
                  onOpen={() => setOpenKey(row.key === openKey ? null : row.key)}
                />
              )}
            </VirtualList>
          )}
          {missedCount > 0 && (
            <Button
              look="primary"
              className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-lg"
              onClick={() => {
                setIsPaused(false);
                setIsFollowing(true);
              }}
            >
              {number(missedCount)} newer
            </Button>
          )}
        </div>
        {open?.kind === "entry" && (
          <LiveDetail appId={appId} entry={open.entry} onClose={() => setOpenKey(null)} />
        )}
      </div>
    </div>
  );
}

/** The snapshot as it was when it was last not held. */
function useHeld(live: LogSnapshot, isHeld: boolean): LogSnapshot {
  const [held, setHeld] = useState(live);
  const wasCleared = live.rows.length === 0;
  if (held !== live && (!isHeld || wasCleared)) setHeld(live);
  return isHeld && !wasCleared ? held : live;
}

function matching(rows: readonly LogRow[], search: string): readonly LogRow[] {
  const text = search.trim().toLowerCase();
  if (text === "") return rows;
  return rows.filter((row) => row.kind === "gap" || JSON.stringify(row.entry).toLowerCase().includes(text));
}

function Row({
  row,
  isOpen,
  onOpen,
}: {
  readonly row: LogRow;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}) {
  if (row.kind === "gap")
    return (
      <p className="flex h-[30px] items-center bg-warn-wash px-3 text-xs text-warn">
        {row.gap.dropped === null ? "Some rows" : plural(row.gap.dropped, "row")} were dropped:{" "}
        {row.gap.reason === "slow" ? "this page could not keep up" : "the page was away for too long"}
      </p>
    );
  const { entry } = row;
  const { label, tone } = lookOf(entry);
  const channels = channelsOf(entry).join(", ");
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={onOpen}
      className={`flex h-[30px] w-full items-center gap-3 border-b border-line/60 px-3 text-left text-[12.5px] hover:bg-raised ${isOpen ? "bg-accent-wash" : ""}`}
    >
      <span className="hidden font-mono text-faint sm:inline">{timeOf(entry.at)}</span>
      <span className="w-30 shrink-0">
        <Badge tone={tone}>{label}</Badge>
      </span>
      {channels !== "" && <span className="max-w-48 shrink-0 truncate font-medium">{channels}</span>}
      <span className="min-w-0 flex-1 truncate font-mono text-xs text-soft">{wordsOf(entry)}</span>
    </button>
  );
}

function Waiting({ isSearching }: { readonly isSearching: boolean }) {
  if (isSearching) return <Empty title="Nothing matches yet">New rows that match appear here.</Empty>;
  return (
    <Empty title="Waiting for something to happen">
      Connections, subscriptions, events and errors appear here the moment they happen.
    </Empty>
  );
}

const states: { readonly [State in FeedState]: { readonly tone: Tone; readonly words: string } } = {
  connecting: { tone: "plain", words: "Connecting…" },
  open: { tone: "good", words: "Live" },
  away: { tone: "warn", words: "The server is away; trying again" },
  unauthorized: { tone: "bad", words: "You may no longer watch this app" },
  appDeleted: { tone: "bad", words: "The app was deleted" },
  serverStopping: { tone: "warn", words: "The server is restarting" },
};

function FeedBadge({ state }: { readonly state: FeedState }) {
  const { tone, words } = states[state];
  return (
    <span role="status">
      <Badge tone={tone}>{words}</Badge>
    </span>
  );
}
