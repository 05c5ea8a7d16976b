/** Closes the connections that did not authorize in time. Called about once a second. */
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Hub } from "../core/hub.ts";
import type { Clock } from "../core/ports/clock.ts";
import { closeCodes } from "../protocol/errors.ts";

export function createCloseUnauthorized(registry: AppRegistry, hub: Hub, clock: Clock): () => void {
  return function closeUnauthorized() {
    const now = clock.now();
    for (const app of registry.all()) {
      if (!app.settings.authorizedConnectionsOnly) continue;
      for (const connection of hub.unauthorized(app.id)) {
        if (now - connection.openedAtMs < app.settings.authorizationTimeoutMs) break;
        const reason = "Connection not authorized within timeout";
        hub.close(connection, closeCodes.unauthorized, reason);
      }
    }
  };
}
