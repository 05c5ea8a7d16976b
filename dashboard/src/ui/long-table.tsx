/** A table of any length: rows of one height, of which only those in sight are in the page, and more asked for at the end. */
import { type ReactNode, useEffect, useRef } from "react";
import type { List } from "../api/use-list.ts";
import { ListEnd } from "./list-end.tsx";
import { reachable } from "./reachable.ts";
import { useVisibleRows } from "./visible-rows.ts";

const rowHeight = 44;
const askedBeforeRows = 20;

export interface Column {
  readonly name: string;
  /** The width; a column without one takes what is left. */
  readonly className?: string;
}

export function LongTable<Row>({
  label,
  noun,
  columns,
  list,
  keyOf,
  children,
  rowClass = () => "",
}: {
  readonly label: string;
  /** One of what is listed. */
  readonly noun: string;
  readonly columns: readonly Column[];
  readonly list: List<Row>;
  readonly keyOf: (row: Row) => string;
  /** The cells of a row, each a `LongCell`. */
  readonly children: (row: Row) => ReactNode;
  readonly rowClass?: (row: Row) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { rows, total, loadMore } = list;
  const { first, last, onScroll } = useVisibleRows(box, rows.length, rowHeight);
  const isNearEnd = last >= rows.length - askedBeforeRows;
  useEffect(() => {
    if (isNearEnd) loadMore();
  }, [isNearEnd, loadMore]);
  return (
    <>
      <div
        {...reachable(label)}
        ref={box}
        onScroll={onScroll}
        className="relative max-h-[66dvh] min-h-24 overflow-auto"
      >
        <table
          aria-label={label}
          aria-rowcount={(total ?? rows.length) + 1}
          className="w-full min-w-2xl table-fixed text-left text-[13px]"
        >
          <thead className="sticky top-0 z-10 bg-panel text-faint">
            <tr aria-rowindex={1} className="shadow-[inset_0_-1px_var(--line)]">
              {columns.map(({ name, className = "" }) => (
                <th key={name} scope="col" className={`px-4 py-2 font-medium whitespace-nowrap ${className}`}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <Space rows={first} />
          <tbody>
            {rows.slice(first, last).map((row, offset) => (
              <tr
                key={keyOf(row)}
                aria-rowindex={first + offset + 2}
                className={`h-11 border-b border-line ${rowClass(row)}`}
              >
                {children(row)}
              </tr>
            ))}
          </tbody>
          <Space rows={rows.length - last} />
        </table>
      </div>
      <ListEnd list={list} noun={noun} />
    </>
  );
}

/** In the place of rows that are out of sight. */
function Space({ rows }: { readonly rows: number }) {
  return rows === 0 ? null : (
    <tbody aria-hidden="true" className="block" style={{ height: rows * rowHeight }} />
  );
}

/** Of one line, which is cut where it is too long. */
export function LongCell({
  children,
  className = "",
}: {
  readonly children: ReactNode;
  readonly className?: string;
}) {
  return <td className={`truncate px-4 ${className}`}>{children}</td>;
}
