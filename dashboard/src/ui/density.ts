/** Whether tables are dense, stored in this browser. */
import { useSyncExternalStore } from "react";

const storageKey = "soketify-dense-tables";
const listeners = new Set<() => void>();

export function useIsDense(): boolean {
  return useSyncExternalStore(subscribe, () => localStorage.getItem(storageKey) === "yes");
}

export function setDense(isDense: boolean): void {
  if (isDense) localStorage.setItem(storageKey, "yes");
  else localStorage.removeItem(storageKey);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
