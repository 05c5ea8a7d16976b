/** A setting that is stored in this browser, and that parts of the page follow. */
import { useSyncExternalStore } from "react";

export interface BrowserSetting {
  /** Null: not set. */
  read(): string | null;
  /** @param value null removes it */
  write(value: string | null): void;
  /** The value now, and again after each `write` of this page. A React hook. */
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
