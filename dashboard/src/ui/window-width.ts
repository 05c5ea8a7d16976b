/** The width of the window. */
import { useSyncExternalStore } from "react";

/** As wide as the layout with the menu at the side. */
const wide = matchMedia("(min-width: 64rem)");
/** Narrower than the breakpoint `sm` of the styles. */
const phone = matchMedia("(width < 40rem)");

/** Whether there is room beside a list. Elsewhere details open as a sheet over it. */
export function useIsWide(): boolean {
  return useMatches(wide);
}

export function useIsPhone(): boolean {
  return useMatches(phone);
}

function useMatches(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
}
