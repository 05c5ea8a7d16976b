/** Makes the nodes run with an app as it is now; what no longer may be connected is closed. */
import type { AppRecord } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Hub } from "../core/hub.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import { closeCodes } from "../protocol/errors.ts";

export interface InstallApp {
  /** An app that was just stored: here, and the other nodes are told to read it. */
  (record: AppRecord): void;
  /** An app that was just deleted. */
  remove(appId: string): void;
  /** What was read from the store again: on this node only. */
  here(record: AppRecord): void;
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
  function here(record: AppRecord): void {
    const known = registry.byId(record.id);
    // A slow read must not undo a change that came after it.
    if (known !== null && known.revision > record.revision && known.createdAtMs === record.createdAtMs)
      return;
    registry.replace(record);
    if (!record.isEnabled) closeAll(record.id, closeCodes.appDisabled, "Application disabled");
  }

  function removeHere(appId: string): void {
    registry.remove(appId);
    closeAll(appId, closeCodes.appNotFound, "The app was deleted");
  }

  function closeAll(appId: string, code: number, reason: string): void {
    for (const connection of [...hub.connections(appId)]) hub.close(connection, code, reason);
  }

  return Object.assign(
    (record: AppRecord) => {
      here(record);
      bus.broadcast({ type: "app-changed", appId: record.id });
    },
    {
      here,
      removeHere,
      remove(appId: string) {
        removeHere(appId);
        bus.broadcast({ type: "app-changed", appId });
      },
      async reload(appId: string) {
        const record = await store.find(appId);
        if (record === null) removeHere(appId);
        else here(record);
      },
    },
  );
}
