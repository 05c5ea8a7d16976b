/** One row of the live console. */
import type { LiveEntry, LiveGap } from "@soketify/admin";
import { type KeyboardEvent, memo } from "react";
import { channelsOf } from "../../../server/src/live/live-filter.ts";
import type { LogRow } from "../api/live-rows.ts";
import { Badge } from "../ui/badge.tsx";
import { plural } from "../ui/numbers.ts";
import { ClockTime } from "../ui/when.tsx";
import { lookOf, wordsOf } from "./live-row.ts";

/** Memoized: the list around it renders often. */
export const ConsoleRow = memo(function ConsoleRow({
  row,
  openId,
  isTabStop,
  onOpen,
}: {
  readonly row: LogRow;
  /** The key of the entry whose details are shown. */
  readonly openId: string | undefined;
  /** The only row that Tab reaches; the arrow keys move to the others. */
  readonly isTabStop: boolean;
  /** Null: no row is selected. */
  readonly onOpen: (entry: LiveEntry | null) => void;
}) {
  if (row.kind === "gap")
    return (
      <p className="flex h-[30px] items-center max-sm:h-12 bg-warn-wash px-3 text-xs text-warn">
        {row.gap.dropped === null ? "Some rows" : plural(row.gap.dropped, "row")}{" "}
        {row.gap.dropped === 1 ? "was" : "were"} dropped: {gapWords[row.gap.reason]}
      </p>
    );
  const { entry } = row;
  const isOpen = entry.id === openId;
  const { label, tone } = lookOf(entry);
  const channels = channelsOf(entry).join(", ");
  return (
    <button
      type="button"
      tabIndex={isTabStop ? 0 : -1}
      onKeyDown={goToRow}
      aria-expanded={isOpen}
      onClick={() => onOpen(isOpen ? null : entry)}
      className={`flex h-[30px] w-full items-center gap-x-2 contain-strict max-sm:h-12 max-sm:flex-wrap max-sm:content-center max-sm:gap-y-0.5 border-b border-line/60 px-3 text-left text-[12.5px] sm:gap-3 hover:bg-raised ${isOpen ? "bg-accent-wash" : ""}`}
    >
      <ClockTime at={entry.at} className="shrink-0 font-mono text-faint max-sm:text-[11px]" />
      <span className="w-29 shrink-0 sm:w-30">
        <Badge tone={tone}>{label}</Badge>
      </span>
      <span className="flex min-w-0 flex-1 items-center gap-2 max-sm:order-last max-sm:basis-full sm:gap-3">
        {channels !== "" && <span className="max-w-48 shrink-0 truncate font-medium">{channels}</span>}
        <span className="min-w-0 flex-1 truncate font-mono text-xs text-soft">{wordsOf(entry)}</span>
      </span>
      {entry.node && (
        <span className="ml-auto max-w-32 shrink-0 truncate text-xs text-faint">{entry.node.name}</span>
      )}
    </button>
  );
});

const gapWords: { readonly [Reason in LiveGap["reason"]]: string } = {
  slow: "the page could not keep up",
  resumedTooLate: "the page was disconnected for too long",
  otherNode: "rows of another node did not arrive",
};

function goToRow(event: KeyboardEvent<HTMLButtonElement>): void {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  let row: Element | null = event.currentTarget;
  do row = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
  while (row !== null && !(row instanceof HTMLButtonElement));
  row?.focus();
}
