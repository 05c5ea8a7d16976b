/** A table. On narrow screens each row is a card with labeled values. */
import { type ReactNode, useRef } from "react";
import { reachable } from "./reachable.ts";
import { type Sort, SortChoice } from "./sort.tsx";
import { type Column, roles, TableHead, TableRow, useIsNarrow } from "./table-row.tsx";

export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
  sort,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Of `useSort`: the headings of columns with `sortOf` are buttons. */
  readonly sort?: Sort;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow(box);
  return (
    <>
      {isNarrow && sort !== undefined && <SortChoice label={label} columns={columns} sort={sort} />}
      <div {...reachable(label)} ref={box} className="scroll-shadow relative overflow-x-auto rounded-lg">
        <table
          {...roles.table}
          aria-label={label}
          className={`w-full text-left text-[13px] ${isNarrow ? "block" : ""}`}
        >
          <TableHead columns={columns} isNarrow={isNarrow} sort={sort} />
          <tbody {...roles.group} className={`divide-y divide-line ${isNarrow ? "block" : ""}`}>
            {rows.map((row) => (
              <TableRow key={keyOf(row)} row={row} columns={columns} isCard={isNarrow} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
