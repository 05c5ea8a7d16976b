/** A server's management in memory: stores, registry, hub, and the actions over them. */

import { createCloseDistrusted } from "../../src/actions/close-distrusted.ts";
import { MemoryNodes } from "../../src/cluster/memory-nodes.ts";
import { SingleNodeBus } from "../../src/cluster/single-node-bus.ts";
import type { Actor } from "../../src/core/actor.ts";
import { AppRegistry } from "../../src/core/apps/app-registry.ts";
import type { ClusterMessage } from "../../src/core/ports/cluster-message.ts";
import type { DeliveryRecord } from "../../src/core/ports/webhook-history.ts";
import { createAddApp } from "../../src/management/add-app.ts";
import { AllNodes } from "../../src/management/all-nodes.ts";
import { createChangeApp } from "../../src/management/change-app.ts";
import { createDeleteApp } from "../../src/management/delete-app.ts";
import { createInstallApp } from "../../src/management/install-app.ts";
import { createRecordSecretUses } from "../../src/management/record-secret-uses.ts";
import { createRotateSecret } from "../../src/management/rotate-secret.ts";
import { createSeedApp } from "../../src/management/seed-app.ts";
import { createUpdateApp } from "../../src/management/update-app.ts";
import { hmacSha256 } from "../../src/protocol/signature.ts";
import { FakeClock } from "./fakes/fake-clock.ts";
import { hubOver } from "./fakes/fake-topics.ts";
import { MemoryAppStore } from "./fakes/memory-app-store.ts";
import { MemoryAuditLog } from "./fakes/memory-audit-log.ts";
import { MemoryTokenStore } from "./fakes/memory-token-store.ts";
import { memoryTransactions } from "./fakes/memory-transactions.ts";
import { MemoryWebhookStore } from "./fakes/memory-webhook-store.ts";

export const somebody: Actor = {
  kind: "person",
  id: "p1",
  name: "somebody@example.com",
  address: "192.0.2.1",
};

export const secretUseGuardMs = 300_000;

export function startManagement() {
  const clock = new FakeClock();
  const store = new MemoryAppStore();
  const audit = new MemoryAuditLog();
  const tokens = new MemoryTokenStore();
  const webhookStore = new MemoryWebhookStore();
  /** The deliveries of any webhook; a replay makes one pending. */
  const deliveries: DeliveryRecord[] = [];
  const inOneTransaction = memoryTransactions({
    apps: store,
    tokens,
    webhooks: webhookStore,
    audit,
    deliveries: {
      replay: async (_, deliveryId) => deliveries.some(({ id }) => id === deliveryId),
      replayGivenUp: async () => deliveries.filter(({ state }) => state === "dead").length,
    },
  });
  const registry = new AppRegistry(clock);
  const hub = hubOver();
  const broadcast: ClusterMessage[] = [];
  const bus = Object.assign(new SingleNodeBus(), {
    broadcast: (message: ClusterMessage) => void broadcast.push(message),
  });
  const installApp = createInstallApp(store, registry, hub, bus);
  const changeApp = createChangeApp(store, inOneTransaction, installApp);
  const nodes = new MemoryNodes(clock);
  const allNodes = new AllNodes(nodes, bus, true);
  const recordSecretUses = createRecordSecretUses(store, registry, allNodes);
  const addApp = createAddApp(inOneTransaction, installApp, clock);
  return {
    clock,
    store,
    audit,
    tokens,
    webhookStore,
    deliveries,
    inOneTransaction,
    registry,
    hub,
    bus,
    nodes,
    allNodes,
    broadcast,
    installApp,
    recordSecretUses,
    addApp,
    updateApp: createUpdateApp(changeApp),
    deleteApp: createDeleteApp(inOneTransaction, installApp),
    rotateSecret: createRotateSecret(changeApp, recordSecretUses, createCloseDistrusted(registry, hub, bus), {
      clock,
      secretUseGuardMs,
    }),
    seedApp: createSeedApp(store, addApp, changeApp, clock),
    /** Whether a request signed with this secret is accepted. */
    accepts: (appId: string, secret: string) =>
      registry.verify(appId, "httpApi", "text", hmacSha256(secret, "text")) !== null,
  };
}

export type Management = ReturnType<typeof startManagement>;
