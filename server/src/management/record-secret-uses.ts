/** Saves when secrets were last used. Called every few seconds, and before the times are shown. */
import type { SecretLastUsed } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { NodeName } from "../core/ports/nodes.ts";
import type { AllNodes } from "./all-nodes.ts";

export interface RecordSecretUses {
  /** On this node. @throws if the store is unavailable; the next call saves the unsaved uses */
  (): Promise<void>;
  /** On every node. Resolves with the nodes that did not confirm it. */
  everywhere(): Promise<NodeName[]>;
}

export function createRecordSecretUses(
  store: AppStore,
  registry: AppRegistry,
  allNodes: AllNodes,
): RecordSecretUses {
  let unsaved: ReadonlyMap<string, SecretLastUsed> = new Map();
  let saving: Promise<void> | null = null;

  async function recordSecretUses() {
    // A save in progress has taken uses that the caller expects in the store, and may not include the latest ones.
    await saving?.catch(() => undefined);
    saving ??= saveUses().finally(() => {
      saving = null;
    });
    return saving;
  }

  async function saveUses() {
    const uses = merge(unsaved, registry.takeSecretUses());
    unsaved = new Map();
    if (uses.size === 0) return;
    try {
      await store.recordSecretUses(uses);
    } catch (error) {
      unsaved = merge(uses, unsaved);
      throw error;
    }
  }

  const askAll = allNodes.question("record secret uses", async () => {
    await recordSecretUses();
    return true;
  });
  return Object.assign(recordSecretUses, { everywhere: async () => (await askAll({})).unanswered });
}

function merge(
  older: ReadonlyMap<string, SecretLastUsed>,
  newer: ReadonlyMap<string, SecretLastUsed>,
): ReadonlyMap<string, SecretLastUsed> {
  const merged = new Map(older);
  for (const [secretId, use] of newer) merged.set(secretId, { ...merged.get(secretId), ...use });
  return merged;
}
