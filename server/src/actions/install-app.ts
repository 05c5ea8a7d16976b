/** Makes the nodes run with an app as it is now; what no longer may be connected is closed. */
import type { AppRecord } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { AppStore } from "../core/app-store.ts";
import type { ClusterBus } from "../core/cluster-bus.ts";
import type { Hub } from "../core/hub.ts";
import { closeCodes } from "../protocol/errors.ts";

export interface InstallApp {
  /** An app that was just stored: here, and the other nodes are told to read it. */
  (record: AppRecord): void;
  /** An app that was just deleted. */
  remove(appId: string): void;
  /** Reads one app again, for this node: another node or process says that it changed. */
  reload(appId: string): Promise<void>;
  /** Reads all apps again, for this node: at the start, and when the store's version has grown. */
  reloadAll(): Promise<void>;
}

export function createInstallApp(
  store: AppStore,
  registry: AppRegistry,
  hub: Hub,
  bus: ClusterBus,
): InstallApp {
  function installHere(record: AppRecord): void {
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
    for (const connection of [...hub.connections(appId)]) connection.close(code, reason);
  }

  function installEverywhere(record: AppRecord): void {
    installHere(record);
    bus.broadcast({ type: "app-changed", appId: record.id });
  }

  return Object.assign(installEverywhere, {
    remove(appId: string) {
      removeHere(appId);
      bus.broadcast({ type: "app-changed", appId });
    },
    async reload(appId: string) {
      const record = await store.find(appId);
      if (record === null) removeHere(appId);
      else installHere(record);
    },
    async reloadAll() {
      // An app that is made while the list is on its way is in neither.
      const known = registry.all();
      const records = await store.list();
      const stored = new Set(records.map(({ id }) => id));
      for (const { id } of known) if (!stored.has(id)) removeHere(id);
      for (const record of records) installHere(record);
    },
  });
}
