import { type RefObject, type UIEvent, useLayoutEffect, useState } from "react";

const overscanRows = 8;
const heightAtFirst = 600;

/**
 * Which rows of one height are in sight of the box that scrolls: `first` up to but without `last`. One that is kept at
 * its end shows the last rows at once, before the browser has told that it scrolled.
 */
export function useVisibleRows(
  box: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  isAtEnd = false,
) {
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(heightAtFirst);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);

  const top = isAtEnd ? Math.max(0, count * rowHeight - height) : scrollTop;
  return {
    first: Math.max(0, Math.min(count, Math.floor(top / rowHeight)) - overscanRows),
    last: Math.min(count, Math.ceil((top + height) / rowHeight) + overscanRows),
    onScroll: ({ currentTarget }: UIEvent<HTMLElement>) => setScrollTop(currentTarget.scrollTop),
  };
}
