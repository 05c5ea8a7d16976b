/** Saves when secrets were last used. Called every few seconds, and before the times are shown. */
import type { SecretLastUsed } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { AppStore } from "../core/ports/app-store.ts";

/** @throws if the store is unavailable; the next call saves the unsaved uses */
export type RecordSecretUses = () => Promise<void>;

export function createRecordSecretUses(store: AppStore, registry: AppRegistry): RecordSecretUses {
  let unsaved: ReadonlyMap<string, SecretLastUsed> = new Map();

  return async function recordSecretUses() {
    const uses = merge(unsaved, registry.takeSecretUses());
    unsaved = new Map();
    if (uses.size === 0) return;
    try {
      await store.recordSecretUses(uses);
    } catch (error) {
      unsaved = merge(uses, unsaved);
      throw error;
    }
  };
}

function merge(
  older: ReadonlyMap<string, SecretLastUsed>,
  newer: ReadonlyMap<string, SecretLastUsed>,
): ReadonlyMap<string, SecretLastUsed> {
  const merged = new Map(older);
  for (const [secretId, use] of newer) merged.set(secretId, { ...merged.get(secretId), ...use });
  return merged;
}
