/** What another node said, done here. */

import type { Hub } from "../core/hub.ts";
import type { ClusterMessage } from "../core/ports/cluster-message.ts";
import type { DeliverEvent } from "./deliver-event.ts";
import type { TerminateUser } from "./terminate-user.ts";

export function createHandleClusterMessage(
  hub: Hub,
  deliver: DeliverEvent,
  terminateUser: TerminateUser,
  app: { reload(appId: string): unknown; closeDistrusted(appId: string, secretId: string): void },
): (message: ClusterMessage) => void {
  return function handleClusterMessage(message) {
    switch (message.type) {
      case "event":
        return deliver.here(message.appId, message);
      case "frame":
        hub.deliver(message.topic, message.frame, null);
        return;
      case "terminate-user":
        return terminateUser.here(message.appId, message.userId);
      case "app-changed":
        app.reload(message.appId);
        return;
      case "close-distrusted":
        return app.closeDistrusted(message.appId, message.secretId);
      default:
        return message satisfies never;
    }
  };
}
