import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect } from "react";

const overscanRows = 8;
/** In pixels, until the box was measured. */
const initialRect = { width: 0, height: 600 };

/**
 * The rows of equal height that are visible in a scrolling box: from `first` up to, but not including, `last`. A list that
 * follows its end shows the last rows immediately, before the browser's scroll event.
 */
export function useVisibleRows(
  box: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  isAtEnd = false,
): { readonly first: number; readonly last: number } {
  const virtualizer = useVirtualizer({
    count,
    initialRect,
    overscan: overscanRows,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    rangeExtractor: isAtEnd ? lastRows : defaultRangeExtractor,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sizes are kept until they are measured again
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  const rows = virtualizer.getVirtualItems();
  return { first: rows.at(0)?.index ?? 0, last: (rows.at(-1)?.index ?? -1) + 1 };
}

function lastRows({ startIndex, endIndex, overscan, count }: Range): number[] {
  const first = Math.max(0, count - (endIndex - startIndex + 1) - 2 * overscan);
  return Array.from({ length: count - first }, (_, offset) => first + offset);
}
