/** A list of rows of one height, of which only those in sight are in the page. */
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

const overscanRows = 8;

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
  /** The list stays at its end as rows come. */
  readonly isFollowing: boolean;
  readonly onFollowing: (isFollowing: boolean) => void;
  readonly label: string;
  readonly children: (row: Row, index: number) => ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(600);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = rows.length * rowHeight;
  }, [isFollowing, rows, rowHeight]);

  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - overscanRows);
  const last = Math.min(rows.length, Math.ceil((scrollTop + height) / rowHeight) + overscanRows);
  return (
    <section
      ref={box}
      aria-label={label}
      className="h-full overflow-x-hidden overflow-y-auto"
      onScroll={({ currentTarget: { scrollTop: top, scrollHeight, clientHeight } }) => {
        setScrollTop(top);
        onFollowing(top + clientHeight >= scrollHeight - rowHeight);
      }}
    >
      <div className="relative" style={{ height: rows.length * rowHeight }}>
        <div className="absolute inset-x-0" style={{ top: first * rowHeight }}>
          {rows.slice(first, last).map((row, offset) => children(row, first + offset))}
        </div>
      </div>
    </section>
  );
}
