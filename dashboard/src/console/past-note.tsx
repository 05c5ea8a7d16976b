/** How much of the selected time the server still has, and a button to load more of it. */
import type { Answer, LiveEntry } from "@soketify/admin";
import type { List } from "../api/use-list.ts";
import { Button } from "../ui/button.tsx";
import { exactly } from "../ui/clock.ts";
import { number, plural } from "../ui/numbers.ts";
import { Failure } from "../ui/states.tsx";
import type { TimeBounds } from "../ui/time-range.ts";
import { Unanswered } from "../ui/unanswered.tsx";

type Past = Answer<"GET /apps/{appId}/activity">;

export function PastNote({
  list,
  bounds,
}: {
  readonly list: List<LiveEntry, Past>;
  readonly bounds: TimeBounds;
}) {
  const { firstPage, rows, total, hasMore, isLoadingMore, loadMore, query } = list;
  if (query.error !== null) return <Failure error={query.error} />;
  if (firstPage === undefined) return null;
  return (
    <>
      <Unanswered nodes={firstPage.unanswered} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-soft">
        <span role="status" className="tabular-nums">
          {hasMore && total !== null
            ? `${number(rows.length)} of ${plural(total, "stored row")}.`
            : `${plural(rows.length, "stored row")}.`}{" "}
          {[ageWords(firstPage, bounds), storedWords(firstPage)].filter(Boolean).join(" ")}
        </span>
        {hasMore && (
          <Button isBusy={isLoadingMore} onClick={loadMore}>
            Load older
          </Button>
        )}
      </div>
    </>
  );
}

/** Empty if everything of the time is stored. */
function ageWords({ rememberedSince }: Past, { from, to }: TimeBounds): string {
  if (from === null || from >= rememberedSince) return "";
  const since = exactly(rememberedSince);
  return to !== null && to < rememberedSince
    ? `This time is older than what the server keeps in memory, which is complete only since ${since}.`
    : `Rows before ${since} are missing or incomplete: the server keeps only the latest in memory.`;
}

function storedWords({ hasPublishes }: Past): string {
  return hasPublishes
    ? "It stores connections, subscriptions, events and errors."
    : "It stores connections, subscriptions and errors, but no events: publishLogMax is 0.";
}
