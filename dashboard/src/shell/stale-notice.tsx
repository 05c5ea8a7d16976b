/** Warns that the shown data could not be refreshed, with a button to retry. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { Button } from "../ui/button.tsx";

export function StaleNotice() {
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  const subscribe = useCallback((onChange: () => void) => cache.subscribe(onChange), [cache]);
  const error = useSyncExternalStore(subscribe, () => {
    const stale = cache
      .findAll({ type: "active" })
      .find(({ state }) => state.data !== undefined && state.error !== null);
    return stale?.state.error ?? null;
  });
  if (error === null) return null;
  return (
    <div
      role="status"
      className="fixed inset-x-4 bottom-4 z-40 mx-auto flex max-w-xl items-center gap-3 rounded-lg border border-line bg-panel px-4 py-2 text-[13px] shadow-lg"
    >
      <span className="min-w-0 flex-1 break-words">The shown data may be out of date. {error.message}</span>
      <Button onClick={() => void queries.invalidateQueries()}>Try again</Button>
    </div>
  );
}
