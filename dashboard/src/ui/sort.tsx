/** Sorting of tables: by the headings, or by a select if rows are cards. The order is stored in the URL. */
import { inputClass } from "./field.tsx";
import type { Column } from "./table-row.tsx";
import { useUrlText } from "./use-url-text.ts";

export interface Sort {
  readonly column: string;
  readonly direction: "ascending" | "descending";
  /** Sorts by the column, or reverses the order if it is already sorted by it. */
  readonly by: (column: string) => void;
}

/**
 * @param name the URL parameter
 * @param first the initial sort column
 */
export function useSort<Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  first: string,
): { readonly rows: Row[]; readonly sort: Sort } {
  const { column, isTurned, by } = useSortText(name, first);
  const sortOf = columns.find((one) => one.name === column)?.sortOf ?? (() => 0);
  const sorted = rows.toSorted((a, b) => (isTurned ? -1 : 1) * compare(sortOf(a), sortOf(b)));
  const isByNumber = typeof (rows[0] === undefined ? 0 : sortOf(rows[0])) === "number";
  return {
    rows: sorted,
    sort: {
      column,
      direction: isByNumber === isTurned ? "ascending" : "descending",
      by,
    },
  };
}

/**
 * Like `useSort`, for rows that the server sorts and returns in pages.
 * @param sorts the server's sort name of each column
 */
export function useServerSort<Row, Name extends string>(
  name: string,
  columns: readonly Column<Row>[],
  sorts: Readonly<Record<string, Name>>,
): { readonly sort: Sort; readonly query: { readonly sort?: Name; readonly order?: "asc" | "desc" } } {
  const { column, isTurned, by } = useSortText(name, "");
  const chosen = sorts[column];
  const isByName = columns[0]?.name === column;
  const direction = isByName === isTurned ? "descending" : "ascending";
  return {
    sort: { column, direction, by },
    query: chosen === undefined ? {} : { sort: chosen, order: direction === "ascending" ? "asc" : "desc" },
  };
}

/** The order in the URL's format: the column, with a leading `-` if the order is reversed. */
function useSortText(name: string, first: string) {
  const [text, setText] = useUrlText(name, first);
  const isTurned = text.startsWith("-");
  const column = isTurned ? text.slice(1) : text;
  const by = (next: string) => setText(next === column && !isTurned ? `-${next}` : next);
  return { column, isTurned, by };
}

export function SortButton({
  name,
  sort: { column, direction, by },
  isNumber,
}: {
  readonly name: string;
  readonly sort: Sort;
  readonly isNumber: boolean;
}) {
  const arrow = column !== name ? "\u00a0" : direction === "ascending" ? "↑" : "↓";
  return (
    <button
      type="button"
      onClick={() => by(name)}
      className={`inline-flex items-baseline gap-1 font-medium hover:text-ink ${isNumber ? "flex-row-reverse" : ""} ${column === name ? "text-ink" : ""}`}
    >
      {name}
      <span aria-hidden="true" className="w-3">
        {arrow}
      </span>
    </button>
  );
}

export function SortChoice<Row>({
  label,
  columns,
  sort,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly sort: Sort;
}) {
  return (
    <label className="flex items-center gap-2 border-b border-line px-4 py-2 text-[13px] text-faint">
      Sort by
      <select
        aria-label={`Sort by: ${label}`}
        value={sort.column}
        onChange={(event) => sort.by(event.target.value)}
        className={`${inputClass} h-8 max-w-48`}
      >
        {columns
          .filter(({ sortOf }) => sortOf !== undefined)
          .map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
      </select>
    </label>
  );
}

/** Numbers from the largest, texts from A. */
function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? b - a : String(a).localeCompare(String(b));
}
