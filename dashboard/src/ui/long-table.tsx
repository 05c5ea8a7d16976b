/** A virtualized table: rows have one height, only visible rows are in the DOM, and scrolling to the end loads more. */
import { type ReactNode, useEffect, useRef } from "react";
import type { List } from "../api/use-list.ts";
import { useIsDense } from "./density.ts";
import { ListEnd } from "./list-end.tsx";
import { reachable } from "./reachable.ts";
import { type Sort, SortChoice } from "./sort.tsx";
import { type Column, roles, TableHead, TableRow, useIsNarrow } from "./table-row.tsx";
import { useVisibleRows } from "./visible-rows.ts";

const rowHeights = { roomy: 44, dense: 30 };
const askedBeforeRows = 20;

export function LongTable<Row>({
  label,
  noun,
  columns,
  list,
  keyOf,
  rowClass = () => "",
  sort,
}: {
  readonly label: string;
  /** The singular noun for a row, such as `channel`. */
  readonly noun: string;
  readonly columns: readonly Column<Row>[];
  readonly list: List<Row>;
  readonly keyOf: (row: Row) => string;
  readonly rowClass?: (row: Row) => string;
  /** The headings of columns with `sortOf` are buttons. */
  readonly sort?: Sort;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow(box);
  const isDense = useIsDense();
  const rowHeight = isNarrow ? cardHeight(columns) : rowHeights[isDense ? "dense" : "roomy"];
  const { rows, total, loadMore } = list;
  const { first, last } = useVisibleRows(box, rows.length, rowHeight);
  const isNearEnd = last >= rows.length - askedBeforeRows;
  useEffect(() => {
    if (isNearEnd) loadMore();
  }, [isNearEnd, loadMore]);
  return (
    <>
      {isNarrow && sort !== undefined && <SortChoice label={label} columns={columns} sort={sort} />}
      <div {...reachable(label)} ref={box} className="relative max-h-[66dvh] overflow-auto">
        <table
          {...roles.table}
          aria-label={label}
          aria-rowcount={(total ?? rows.length) + 1}
          className={`w-full table-fixed text-left text-[13px] ${isNarrow ? "block" : "min-w-3xl"}`}
        >
          <TableHead
            columns={columns}
            isNarrow={isNarrow}
            sort={sort}
            className="sticky top-0 z-10 bg-panel"
          />
          <Space height={first * rowHeight} />
          <tbody {...roles.group} className={isNarrow ? "block" : ""}>
            {rows.slice(first, last).map((row, offset) => (
              <TableRow
                key={keyOf(row)}
                row={row}
                columns={columns}
                isCard={isNarrow}
                isCut
                aria-rowindex={first + offset + 2}
                className={`border-b border-line last:border-b-0 ${rowClass(row)}`}
                style={{ height: rowHeight }}
              />
            ))}
          </tbody>
          <Space height={(rows.length - last) * rowHeight} />
        </table>
      </div>
      <ListEnd list={list} noun={noun} />
    </>
  );
}

/** The height of a card: a line for the title, for each cell with its own line, and for each two other cells. */
function cardHeight<Row>(columns: readonly Column<Row>[]): number {
  const own = columns.filter(({ inCard }) => inCard !== undefined).length;
  const lines = own + Math.ceil((columns.length - own) / 2);
  return lines * 24 + 21;
}

/** Fills the height of the rows that are not in the DOM. */
function Space({ height }: { readonly height: number }) {
  return height === 0 ? null : <tbody aria-hidden="true" className="block" style={{ height }} />;
}
