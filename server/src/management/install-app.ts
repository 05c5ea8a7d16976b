/** Makes all nodes use the current state of an app, and closes connections that are no longer allowed. */
import type { AppRecord } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Hub } from "../core/hub.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import { closeCodes } from "../protocol/errors.ts";
import { answerMs } from "./all-nodes.ts";

export interface InstallApp {
  /**
   * Installs an app that was just stored: on this node immediately, then on the others. Resolves when the other nodes
   * use it, so that a caller who then gets an answer finds the new state on every node. A node that does not answer
   * within two seconds finds the change when it polls the store.
   */
  (record: AppRecord): Promise<void>;
  /** Removes an app that was just deleted. Resolves like the call above. */
  remove(appId: string): Promise<void>;
  /**
   * Installs an app that was read from the store, on this node only. An older revision than the installed one changes
   * nothing.
   * @param isRestored the store was restored from a backup, so an older revision is installed, too
   */
  here(record: AppRecord, isRestored?: boolean): void;
  removeHere(appId: string): void;
  /**
   * For a caller that reads several apps and then calls `here` and `removeHere`. The returned function ends the read, and
   * returns the ids of the apps that were installed or removed here in the meantime.
   */
  beginRead(): () => ReadonlySet<string>;
  /** Reads an app from the store and installs it on this node, after another node changed it. */
  reload(appId: string): Promise<void>;
}

export function createInstallApp(
  store: AppStore,
  registry: AppRegistry,
  hub: Hub,
  bus: ClusterBus,
): InstallApp {
  /** The apps that changed since each read began. */
  const reads = new Set<Set<string>>();

  function changed(appId: string): void {
    for (const read of reads) read.add(appId);
  }

  function beginRead() {
    const read = new Set<string>();
    reads.add(read);
    return () => {
      reads.delete(read);
      return read;
    };
  }

  function here(record: AppRecord, isRestored = false): void {
    const known = registry.byId(record.id);
    const isOlder =
      known !== null && known.revision > record.revision && known.createdAtMs === record.createdAtMs;
    // A slow read must not undo a newer change.
    if (isOlder && !isRestored) return;
    changed(record.id);
    registry.replace(record);
    if (!record.isEnabled) closeAll(record.id, closeCodes.appDisabled, "Application disabled");
  }

  function removeHere(appId: string): void {
    changed(appId);
    registry.remove(appId);
    closeAll(appId, closeCodes.appNotFound, "The app was deleted");
  }

  function closeAll(appId: string, code: number, reason: string): void {
    for (const connection of [...hub.connections(appId)]) hub.close(connection, code, reason);
  }

  return Object.assign(
    async (record: AppRecord) => {
      here(record);
      await bus.ask({ type: "reload-app", appId: record.id }, answerMs);
    },
    {
      here,
      removeHere,
      beginRead,
      async remove(appId: string) {
        removeHere(appId);
        await bus.ask({ type: "reload-app", appId }, answerMs);
      },
      async reload(appId: string) {
        let record: AppRecord | null;
        let outdated: ReadonlySet<string>;
        // An app that was created or deleted during the read is read again, because the result may be outdated.
        do {
          const endRead = beginRead();
          try {
            record = await store.find(appId);
          } finally {
            outdated = endRead();
          }
        } while (outdated.has(appId));
        if (record === null) removeHere(appId);
        else here(record);
      },
    },
  );
}
