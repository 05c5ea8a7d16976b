/** The entries of the selected time that the server still has from before the page began to listen. */
import type { LiveEntry } from "@soketify/admin";
import { useMemo } from "react";
import type { LogRow } from "../api/live-rows.ts";
import { useList } from "../api/use-list.ts";
import type { TimeBounds } from "../ui/time-range.ts";
import type { ConsoleFilter } from "./console-filters.tsx";

const pageSize = 500;
const entriesOf = (page: { readonly entries: readonly LiveEntry[] }) => page.entries;

/**
 * @param beginsAt when the page began to listen; null: not yet. Later entries are in the live feed
 * @returns no rows if no time is selected
 */
export function usePast(
  appId: string,
  { from, to }: TimeBounds,
  filter: ConsoleFilter,
  beginsAt: string | null,
) {
  const isEnabled = from !== null && beginsAt !== null && from < beginsAt;
  const end = to !== null && beginsAt !== null && to < beginsAt ? to : beginsAt;
  const list = useList(
    "GET /apps/{appId}/activity",
    { path: { appId }, query: { ...filter, from: from ?? "", to: end ?? "", limit: pageSize } },
    entriesOf,
    { isEnabled },
  );
  const rows = useMemo(
    () => (isEnabled ? list.rows.toReversed().map((entry): LogRow => rowOf(entry)) : []),
    [isEnabled, list.rows],
  );
  return { list: isEnabled ? list : null, rows };
}

/** Its order is before that of all live rows. */
function rowOf(entry: LiveEntry): LogRow {
  return { kind: "entry", key: entry.id, order: 0, entry };
}
