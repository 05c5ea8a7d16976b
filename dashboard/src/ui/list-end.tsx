import type { List } from "../api/use-list.ts";
import { Button } from "./button.tsx";
import { number, plural } from "./numbers.ts";

/** How much of a list is here, and the way to more of it. */
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
  /** What the ones that are not here are, where nobody counts them. */
  readonly more?: string;
  /** What is said besides where the list is here to its end. */
  readonly whole?: string;
}) {
  const { rows, total, hasMore, isLoadingMore, loadMore } = list;
  return (
    <div className="flex min-h-12 items-center justify-between gap-3 border-t border-line px-4 py-2 text-xs text-faint">
      <span role="status" className="tabular-nums">
        {hasMore && total !== null
          ? `${number(rows.length)} of ${plural(total, noun, many)}`
          : `${plural(rows.length, noun, many)}${hasMore ? `, and ${more} ones` : whole}`}
      </span>
      {hasMore && (
        <Button isBusy={isLoadingMore} onClick={loadMore}>
          Load more
        </Button>
      )}
    </div>
  );
}
