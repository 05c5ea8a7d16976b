/** A server's management in memory: stores, registry, hub, and the actions over them. */

import { createCloseDistrusted } from "../../src/actions/close-distrusted.ts";
import { SingleNodeBus } from "../../src/cluster/single-node-bus.ts";
import { AppRegistry } from "../../src/core/app-registry.ts";
import { Hub } from "../../src/core/hub.ts";
import type { ClusterMessage } from "../../src/core/ports/cluster-message.ts";
import { createAddApp } from "../../src/management/add-app.ts";
import { createChangeApp } from "../../src/management/change-app.ts";
import { createDeleteApp } from "../../src/management/delete-app.ts";
import { createInstallApp } from "../../src/management/install-app.ts";
import { createRecordSecretUses } from "../../src/management/record-secret-uses.ts";
import { createRotateSecret } from "../../src/management/rotate-secret.ts";
import { createSeedApp } from "../../src/management/seed-app.ts";
import { createUpdateApp } from "../../src/management/update-app.ts";
import { hmacSha256 } from "../../src/protocol/signature.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeTopics } from "./fake-topics.ts";
import { MemoryAppStore } from "./memory-app-store.ts";
import { MemoryAuditLog } from "./memory-audit-log.ts";

export const somebody = { name: "somebody@example.com", address: "192.0.2.1" };

export const secretUseGuardMs = 300_000;

export function startManagement() {
  const clock = new FakeClock();
  const store = new MemoryAppStore();
  const audit = new MemoryAuditLog();
  const registry = new AppRegistry(clock);
  const hub = new Hub(new FakeTopics());
  const broadcast: ClusterMessage[] = [];
  const bus = Object.assign(new SingleNodeBus(), {
    broadcast: (message: ClusterMessage) => void broadcast.push(message),
  });
  const installApp = createInstallApp(store, registry, hub, bus);
  const changeApp = createChangeApp(store, audit, installApp);
  const recordSecretUses = createRecordSecretUses(store, registry);
  const addApp = createAddApp(store, audit, installApp, clock);
  return {
    clock,
    store,
    audit,
    registry,
    hub,
    bus,
    broadcast,
    installApp,
    recordSecretUses,
    addApp,
    updateApp: createUpdateApp(changeApp),
    deleteApp: createDeleteApp(store, audit, installApp),
    rotateSecret: createRotateSecret(changeApp, recordSecretUses, createCloseDistrusted(registry, hub, bus), {
      clock,
      secretUseGuardMs,
    }),
    seedApp: createSeedApp(store, addApp, changeApp, clock),
    /** Whether a request signed with this secret is taken. */
    accepts: (appId: string, secret: string) =>
      registry.verify(appId, "httpApi", "text", hmacSha256(secret, "text")) !== null,
  };
}

export type Management = ReturnType<typeof startManagement>;
