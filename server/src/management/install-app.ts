/** Makes the nodes run with an app as it is now; what no longer may be connected is closed. */
import type { AppRecord } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Hub } from "../core/hub.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import { closeCodes } from "../protocol/errors.ts";

/** A node that is well answers within some milliseconds. */
const answerMs = 2_000;

export interface InstallApp {
  /**
   * An app that was just stored: here at once; resolves when the other nodes run with it, too, so that whoever is answered
   * then meets no node with the old one. A node that does not answer within two seconds finds the change in the store.
   */
  (record: AppRecord): Promise<void>;
  /** An app that was just deleted. */
  remove(appId: string): Promise<void>;
  /**
   * What was read from the store again: on this node only. One that is older than the known one changes nothing.
   * @param isRestored the store itself went back, and so does the app
   */
  here(record: AppRecord, isRestored?: boolean): void;
  removeHere(appId: string): void;
  /** Reads one app again, for this node: another says that it changed. */
  reload(appId: string): Promise<void>;
}

export function createInstallApp(
  store: AppStore,
  registry: AppRegistry,
  hub: Hub,
  bus: ClusterBus,
): InstallApp {
  let changes = 0;

  function here(record: AppRecord, isRestored = false): void {
    const known = registry.byId(record.id);
    const isOlder =
      known !== null && known.revision > record.revision && known.createdAtMs === record.createdAtMs;
    // A slow read must not undo a change that came after it.
    if (isOlder && !isRestored) return;
    changes += 1;
    registry.replace(record);
    if (!record.isEnabled) closeAll(record.id, closeCodes.appDisabled, "Application disabled");
  }

  function removeHere(appId: string): void {
    changes += 1;
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
      async remove(appId: string) {
        removeHere(appId);
        await bus.ask({ type: "reload-app", appId }, answerMs);
      },
      async reload(appId: string) {
        let record: AppRecord | null;
        let before: number;
        // An app that came or went while it was read is read again: otherwise it would go or come back.
        do {
          before = changes;
          record = await store.find(appId);
        } while (before !== changes);
        if (record === null) removeHere(appId);
        else here(record);
      },
    },
  );
}
