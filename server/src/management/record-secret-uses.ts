/** Saves when secrets were last used. Called every few seconds, and before anybody is told. */
import type { SecretLastUsed } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { AppStore } from "../core/ports/app-store.ts";

/** @throws where the store is away; what was not saved is kept for the next call */
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
