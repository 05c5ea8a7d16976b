/** One node: the real protocol over fake sockets, in a process that can be paused and can die. */
import { createCloseDistrusted } from "../../src/actions/close-distrusted.ts";
import { createHandleClusterMessage } from "../../src/actions/handle-cluster-message.ts";
import { createProtocolStack, type ProtocolStack } from "../../src/composition/protocol-stack.ts";
import { ActivityFeed } from "../../src/core/activity.ts";
import type { AppRecord } from "../../src/core/apps/app.ts";
import { AppRegistry } from "../../src/core/apps/app-registry.ts";
import type { Connection, Socket } from "../../src/core/connection.ts";
import { HeldTopics } from "../../src/core/held-topics.ts";
import { Hub } from "../../src/core/hub.ts";
import { NodeTopics } from "../../src/core/node-topics.ts";
import { createInstallApp, type InstallApp } from "../../src/management/install-app.ts";
import { peer } from "../support/fakes/fake-socket.ts";
import { FakeTopics } from "../support/fakes/fake-topics.ts";
import type { MemoryAppStore } from "../support/fakes/memory-app-store.ts";
import { SimClient, SimSocket } from "./sim-client.ts";
import type { SimProcess } from "./sim-process.ts";
import type { SimSuppliers } from "./sim-suppliers.ts";
import type { World } from "./world.ts";

const noLimit = { perApp: 1_000_000_000, inAll: 1_000_000_000 };

/** Tells a socket when it has left a topic. */
class SimTopics extends NodeTopics {
  override leave(appId: string, topic: string, socket: Socket): void {
    super.leave(appId, topic, socket);
    if (socket instanceof SimSocket) socket.left(topic);
  }
}

export class SimNode {
  readonly id: string;
  readonly process: SimProcess;
  readonly world: World;
  readonly registry: AppRegistry;
  readonly hub: Hub;
  readonly topics = new FakeTopics();
  readonly activity = new ActivityFeed();
  readonly stack: ProtocolStack;
  readonly install: InstallApp;
  readonly closeDistrusted: ReturnType<typeof createCloseDistrusted>;
  readonly suppliers: SimSuppliers;
  readonly bugs: unknown[] = [];
  /** Deliveries were late while it was paused. */
  wasPaused = false;
  readonly clients = new Map<Connection, SimClient>();
  #clientCount = 0;

  constructor(
    id: string,
    world: World,
    process: SimProcess,
    suppliers: SimSuppliers,
    { app, store }: { readonly app: AppRecord; readonly store: MemoryAppStore },
  ) {
    this.id = id;
    this.process = process;
    this.world = world;
    this.suppliers = suppliers;
    const { clock } = process;
    this.registry = new AppRegistry(clock);
    this.registry.replace(app);
    const { registry, activity, bugs } = this;
    this.hub = new Hub(
      new HeldTopics(new SimTopics(this.topics), { registry, clock }, { perApp: 100_000, inAll: 1_000_000 }),
    );
    const onBug = (error: unknown) => void bugs.push(error);
    this.stack = createProtocolStack(
      { registry, hub: this.hub, activity, clock, ...suppliers },
      { activityTimeoutS: 120, waitingBytesMax: noLimit, subscriptionBytesMax: noLimit, onBug },
    );
    this.install = createInstallApp(store, registry, this.hub, suppliers.bus);
    this.closeDistrusted = createCloseDistrusted(registry, this.hub, suppliers.bus);
    const { closeDistrusted } = this;
    suppliers.bus.onMessage(
      createHandleClusterMessage(this.stack.terminateUser, {
        closeDistrusted: closeDistrusted.here,
        recheckAccess: () => undefined,
        tryWebhook: () => undefined,
      }),
    );
    suppliers.bus.onQuestion("reload-app", async (question) => {
      await this.install.reload(question.appId);
      return {};
    });
    suppliers.start(() => void this.install.reload("1").catch(onBug));
  }

  connect(userId: string, onClose: (client: SimClient, code: number) => void): SimClient {
    this.#clientCount += 1;
    const client = new SimClient(`${this.id}.${this.#clientCount}`, userId, this);
    const app = this.registry.byId("1");
    if (app === null) throw new Error("The app is gone");
    const socket = new SimSocket(this.topics, {
      frame: (frame) => client.receive(frame),
      left: (topic) => client.left(topic),
      closed: (code) => {
        client.closedAtMs = this.world.elapsedMs;
        client.closeCode = code;
        onClose(client, code);
        this.process.run(() => {
          client.connection.run(() =>
            this.stack.afterClose(client.connection, code, "").catch((error) => {
              this.bugs.push(error);
            }),
          );
        });
      },
    });
    const connection = this.stack.open.open(app, socket, peer);
    client.connected(connection);
    this.clients.set(connection, client);
    return client;
  }

  /** Like kill -9: pending work of the process never runs, and its clients' sockets are reset. */
  die(): void {
    this.process.die();
    this.suppliers.uplink.cut();
    for (const { connection } of this.clients.values()) connection.socket.close(1006, "");
  }

  send(client: SimClient, message: string): void {
    this.process.run(() => this.stack.handleMessage(client.connection, message));
  }
}
