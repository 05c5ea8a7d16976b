/** Closes every connection that is signed in as a user, on every node. */

import type { Hub } from "../core/hub.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import { closeCodes } from "../protocol/errors.ts";

export interface TerminateUser {
  (appId: string, userId: string): void;
  /**
   * Closes the user's connections on this node only. Those that signed in after `sentAtMs` stay open: the message of
   * another node may arrive late, and the user may be allowed again since then.
   */
  here(appId: string, userId: string, sentAtMs: number): void;
}

/** Closes with 4009, like other Pusher servers: a stock client does not reconnect by itself. */
export function createTerminateUser(hub: Hub, bus: ClusterBus): TerminateUser {
  function here(appId: string, userId: string, sentAtMs: number): void {
    const reason = "You got disconnected by the app.";
    for (const connection of [...hub.connectionsOfUser(appId, userId)]) {
      if (connection.user !== null && connection.user.signedInAtMs > sentAtMs) continue;
      hub.close(connection, closeCodes.unauthorized, reason);
    }
  }

  return Object.assign(
    (appId: string, userId: string) => {
      here(appId, userId, Number.POSITIVE_INFINITY);
      bus.broadcast({ type: "terminate-user", appId, userId });
    },
    { here },
  );
}
