/** Carries out the messages and answers the questions of other nodes. */

import type { ClusterMessage } from "../core/ports/cluster-message.ts";
import type { TerminateUser } from "./terminate-user.ts";

export function createHandleClusterMessage(
  terminateUser: TerminateUser,
  here: {
    closeDistrusted(appId: string, secretId: string): void;
    recheckAccess(): void;
    tryWebhook(webhookId: string): void;
  },
): (message: ClusterMessage, sentAtMs: number) => void {
  return function handleClusterMessage(message, sentAtMs) {
    switch (message.type) {
      case "terminate-user":
        return terminateUser.here(message.appId, message.userId, sentAtMs);
      case "close-distrusted":
        return here.closeDistrusted(message.appId, message.secretId);
      case "access-changed":
        return here.recheckAccess();
      case "try-webhook":
        return here.tryWebhook(message.webhookId);
      default:
        return message satisfies never;
    }
  };
}
