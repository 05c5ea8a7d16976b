import { useSyncExternalStore } from "react";

/** As wide as the layout with the menu at the side. */
const wide = matchMedia("(min-width: 64rem)");

/** Whether there is room beside a list. Elsewhere details open as a sheet over it. */
export function useIsWide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      wide.addEventListener("change", changed);
      return () => wide.removeEventListener("change", changed);
    },
    () => wide.matches,
  );
}
