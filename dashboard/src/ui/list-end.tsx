import type { List } from "../api/use-list.ts";
import { Button } from "./button.tsx";
import { number, plural } from "./numbers.ts";

/** The number of loaded rows of a list, and a button to load more. */
export function ListEnd<Row>({
  list,
  noun,
  many = `${noun}s`,
  more = "older",
  whole = "",
}: {
  readonly list: List<Row>;
  readonly noun: string;
  readonly many?: string;
  /** The order of the rows that are not loaded, if the API does not count them: `older` or `newer`. */
  readonly more?: string;
  /** Text added after the count when all rows are loaded. */
  readonly whole?: string;
}) {
  const { rows, total, hasMore, isLoadingMore, loadMore } = list;
  return (
    <div className="flex min-h-12 items-center justify-between gap-3 border-t border-line px-4 py-2 text-xs text-faint">
      <span role="status" className="tabular-nums">
        {hasMore && total !== null
          ? `${number(rows.length)} of ${plural(total, noun, many)}`
          : `${plural(rows.length, noun, many)}${hasMore ? `, ${more} ones available` : whole}`}
      </span>
      {hasMore && (
        <Button isBusy={isLoadingMore} onClick={loadMore}>
          Load more
        </Button>
      )}
    </div>
  );
}
