/** A setting that is stored in this browser. Parts of the page update when it changes. */
import { useSyncExternalStore } from "react";

export interface BrowserSetting {
  /** Null: not set. */
  read(): string | null;
  /** @param value null removes it */
  write(value: string | null): void;
  /** A React hook with the current value, updated after each `write` on this page. */
  use(): string | null;
}

export function browserSetting(storageKey: string): BrowserSetting {
  const listeners = new Set<() => void>();
  const read = () => localStorage.getItem(storageKey);
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    read,
    write(value) {
      if (value === null) localStorage.removeItem(storageKey);
      else localStorage.setItem(storageKey, value);
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(subscribe, read),
  };
}
