/** Closes the connections authorized by a revoked secret, on every node; they must re-authenticate. */
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import { closeCodes } from "../protocol/errors.ts";

export interface CloseDistrusted {
  (appId: string, secretId: string): void;
  /**
   * Closes them on this node, once the node has loaded the revocation. Earlier would be useless: clients reconnect
   * within milliseconds, and the secret would authorize them again.
   */
  here(appId: string, secretId: string): void;
}

export function createCloseDistrusted(registry: AppRegistry, hub: Hub, bus: ClusterBus): CloseDistrusted {
  function close(appId: string, secretId: string): void {
    for (const connection of [...hub.connections(appId)]) {
      if (isAuthorizedBy(connection, secretId)) {
        hub.close(connection, closeCodes.reconnect, "The secret that authorized this connection was revoked");
      }
    }
  }

  function here(appId: string, secretId: string): void {
    registry.whenRevoked(appId, secretId, () => close(appId, secretId));
  }

  return Object.assign(
    (appId: string, secretId: string) => {
      here(appId, secretId);
      bus.broadcast({ type: "close-distrusted", appId, secretId });
    },
    { here },
  );
}

function isAuthorizedBy(connection: Connection, secretId: string): boolean {
  if (connection.user?.secretId === secretId || connection.entering?.secretId === secretId) return true;
  return connection.subscriptions.values().some((subscription) => subscription.secretId === secretId);
}
