/** A virtualized list: rows have one height, and only visible rows are in the DOM. */
import { type ReactNode, type UIEvent, useLayoutEffect, useRef } from "react";
import { reachable } from "./reachable.ts";
import { useVisibleRows } from "./visible-rows.ts";

export function VirtualList<Row>({
  rows,
  rowHeight,
  isFollowing,
  onFollowing,
  label,
  children,
}: {
  readonly rows: readonly Row[];
  /** In pixels. */
  readonly rowHeight: number;
  /** The list scrolls to the end when rows are added. */
  readonly isFollowing: boolean;
  readonly onFollowing: (isFollowing: boolean) => void;
  readonly label: string;
  /** @param isLast the last row in the DOM */
  readonly children: (row: Row, isLast: boolean) => ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const { first, last } = useVisibleRows(box, rows.length, rowHeight, isFollowing);

  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = rows.length * rowHeight;
  }, [isFollowing, rows, rowHeight]);

  const look = (event: UIEvent<HTMLDivElement>) => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    // Rows may have been added since the last scroll to the end, so only scrolling up stops following.
    if (scrollTop + clientHeight >= scrollHeight - rowHeight) onFollowing(true);
    else if (scrollTop < lastTop.current) onFollowing(false);
    lastTop.current = scrollTop;
  };
  return (
    <div
      {...reachable(label)}
      ref={box}
      className="h-full overflow-x-hidden overflow-y-auto contain-strict"
      onScroll={look}
    >
      <div className="relative" style={{ height: rows.length * rowHeight }}>
        <div className="absolute inset-x-0" style={{ top: first * rowHeight }}>
          {rows.slice(first, last).map((row, offset) => children(row, first + offset === last - 1))}
        </div>
      </div>
    </div>
  );
}
