/** Columns of tables, and their cells as a row or, on narrow screens, as a card. */
import { type ComponentProps, type ReactNode, type RefObject, useLayoutEffect, useState } from "react";
import { useIsDense } from "./density.ts";
import { type Sort, SortButton } from "./sort.tsx";

/** Explicit ARIA roles: some browsers drop table semantics when CSS changes `display`. */
export const roles = {
  table: { role: "table" },
  group: { role: "rowgroup" },
  row: { role: "row" },
  header: { role: "columnheader" },
  cell: { role: "cell" },
} as const;

export interface Column<Row> {
  /** Empty for cells that need no heading, such as buttons. */
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  readonly className?: string;
  /** The width of a `LongTable` column; a column without it takes the remaining width. */
  readonly width?: string;
  /** Aligned right, with digits of one width. */
  readonly isNumber?: boolean;
  /** The sort key of a row: numbers sort from the largest, texts from A. */
  readonly sortOf?: (row: Row) => number | string;
  /** The cell's role in a card: its `title`, or a cell with its own line. */
  readonly inCard?: "title" | "line";
}

/** Whether the box is too narrow for the table. */
export function useIsNarrow(box: RefObject<HTMLElement | null>): boolean {
  const [isNarrow, setIsNarrow] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    const table = element?.firstElementChild;
    if (element === null || table == null) return;
    let widthNeeded = 0;
    const look = () => {
      const { scrollWidth, clientWidth } = element;
      if (scrollWidth > clientWidth) widthNeeded = Math.max(widthNeeded, scrollWidth);
      setIsNarrow(clientWidth < widthNeeded);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    observer.observe(table);
    return () => observer.disconnect();
  }, [box]);
  return isNarrow;
}

export function TableHead<Row>({
  columns,
  isNarrow,
  sort,
  className = "",
}: {
  readonly columns: readonly Column<Row>[];
  readonly isNarrow: boolean;
  readonly sort?: Sort | undefined;
  readonly className?: string;
}) {
  return (
    <thead {...roles.group} className={isNarrow ? "sr-only" : className}>
      <tr {...roles.row} aria-rowindex={1} className="text-faint shadow-[inset_0_-1px_var(--line)]">
        {columns.map(({ name, width = "", isNumber = false, sortOf }) => {
          const isSortable = sort !== undefined && sortOf !== undefined && !isNarrow;
          return (
            <th
              key={name}
              {...roles.header}
              scope="col"
              {...(isSortable && sort.column === name && { "aria-sort": sort.direction })}
              className={`px-4 py-2 font-medium whitespace-nowrap ${width} ${isNumber ? "text-right" : ""}`}
            >
              {isSortable ? <SortButton name={name} sort={sort} isNumber={isNumber} /> : name}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface TableRowProps<Row> extends ComponentProps<"tr"> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly isCard: boolean;
  /** Each cell is one line, truncated if it is too long. */
  readonly isCut?: boolean;
}

export function TableRow<Row>({
  row,
  columns,
  isCard,
  isCut = false,
  className = "",
  ...tr
}: TableRowProps<Row>) {
  const isDense = useIsDense();
  const look = isCard
    ? `grid grid-flow-row-dense gap-x-4 gap-y-1 px-4 py-3 leading-5 ${isCut ? "auto-rows-[1.25rem] grid-cols-2" : "grid-cols-[repeat(auto-fill,minmax(min(9rem,40%),1fr))]"}`
    : "";
  return (
    <tr {...tr} {...roles.row} className={`${look} ${className}`}>
      {columns.map((column) =>
        isCard ? (
          <CardCell key={column.name} column={column} row={row} isCut={isCut} />
        ) : (
          <td
            key={column.name}
            {...roles.cell}
            className={`px-4 ${isCut ? "truncate" : isDense ? "py-1" : "py-2.5"} ${column.isNumber ? "text-right tabular-nums" : ""} ${column.className ?? ""}`}
          >
            {column.cell(row)}
          </td>
        ),
      )}
    </tr>
  );
}

function CardCell<Row>({
  column: { name, cell, className = "", inCard, isNumber = false },
  row,
  isCut,
}: {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly isCut: boolean;
}) {
  return (
    <td
      {...roles.cell}
      className={`flex min-w-0 gap-1.5 ${isCut ? "items-center" : "items-baseline"} ${placeInCard(name, inCard)}`}
    >
      {inCard !== "title" && name !== "" && (
        <span aria-hidden="true" className="shrink-0 text-faint">
          {name}
        </span>
      )}
      <div
        className={`min-w-0 ${isNumber && inCard === "line" ? "ml-auto" : ""} ${name === "" ? "pt-1" : ""} ${isCut ? "truncate" : "break-words whitespace-normal!"} ${className}`}
      >
        {cell(row)}
      </div>
    </td>
  );
}

function placeInCard(name: string, inCard: "title" | "line" | undefined): string {
  if (inCard === "title") return "order-first col-span-full font-medium";
  if (name === "") return "col-span-full";
  return inCard === "line" ? "col-span-2" : "";
}
