import { type RefObject, type UIEvent, useLayoutEffect, useState } from "react";

const overscanRows = 8;
const heightAtFirst = 600;

/** Which rows of one height are in sight of the box that scrolls: `first` up to but without `last`. */
export function useVisibleRows(box: RefObject<HTMLElement | null>, count: number, rowHeight: number) {
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(heightAtFirst);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);

  return {
    first: Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - overscanRows),
    last: Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + overscanRows),
    onScroll: ({ currentTarget }: UIEvent<HTMLElement>) => setScrollTop(currentTarget.scrollTop),
  };
}
