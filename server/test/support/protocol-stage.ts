/** The protocol in memory: one app, the real actions over memory suppliers, and clients over fake sockets. */

import { createProtocolStack, type ProtocolStack } from "../../src/composition/protocol-stack.ts";
import { type Activity, ActivityFeed, type ActivityType } from "../../src/core/activity.ts";
import type { App } from "../../src/core/apps/app.ts";
import { AppRegistry } from "../../src/core/apps/app-registry.ts";
import type { AppSettings } from "../../src/core/apps/app-settings.ts";
import { newApp } from "../../src/core/apps/new-app.ts";
import type { Connection } from "../../src/core/connection.ts";
import { HeldTopics } from "../../src/core/held-topics.ts";
import { Hub } from "../../src/core/hub.ts";
import type { ByteLimits } from "../../src/core/limits/byte-budget.ts";
import { NodeTopics, type RuntimeTopics } from "../../src/core/node-topics.ts";
import type { Broker } from "../../src/core/ports/broker.ts";
import type { ClusterMessage } from "../../src/core/ports/cluster-message.ts";
import type { Roster } from "../../src/core/ports/roster.ts";
import { channelStringToSign, hmacSha256, userStringToSign } from "../../src/protocol/signature.ts";
import { FakeClock } from "./fakes/fake-clock.ts";
import { FakeSocket, peer } from "./fakes/fake-socket.ts";
import { FakeTopics } from "./fakes/fake-topics.ts";
import { memoryCluster } from "./fakes/memory-cluster.ts";
import { jsonOrText } from "./json-or-text.ts";

export const waitingBytesMax = { perApp: 100_000, inAll: 200_000 };
export const heldBytesMax = { perApp: 1_000, inAll: 1_500 };

export const credentials = { id: "1", key: "278d425bdf160c739803", secret: "7ad3773142a6692b25b8" };

export interface StageOptions {
  readonly waitingBytesMax?: ByteLimits;
  readonly subscriptionBytesMax?: ByteLimits;
  readonly settings?: Partial<AppSettings>;
}

/** @param around returns the topics for the hub, made from those of the fake sockets */
export function startProtocol(
  {
    settings,
    waitingBytesMax: waiting = waitingBytesMax,
    subscriptionBytesMax = { perApp: 100_000_000, inAll: 100_000_000 },
  }: StageOptions = {},
  around: (topics: RuntimeTopics) => RuntimeTopics = (topics) => topics,
) {
  const clock = new FakeClock();
  const registry = new AppRegistry(clock);
  const topics = new FakeTopics();
  const hub = new Hub(new HeldTopics(new NodeTopics(around(topics)), { registry, clock }, heldBytesMax));
  const activity = new ActivityFeed();
  const broadcast: ClusterMessage[] = [];
  const cluster = memoryCluster(clock);
  /** A test may replace methods of both. */
  const roster: Roster = cluster.roster;
  const broker: Broker = cluster.broker;
  const bus = Object.assign(cluster.bus, {
    broadcast: (message: ClusterMessage) => void broadcast.push(message),
  });
  const bugs: unknown[] = [];
  const stack = createProtocolStack(
    { registry, hub, activity, clock, bus, broker, roster, nodes: cluster.nodes },
    {
      activityTimeoutS: 120,
      waitingBytesMax: waiting,
      subscriptionBytesMax,
      onBug: (error) => void bugs.push(error),
    },
  );
  const app = () => {
    const known = registry.byId(credentials.id);
    if (known === null) throw new Error("The app is gone");
    return known;
  };
  /** Changes settings of the app. */
  const change = (changed: Partial<AppSettings>, isEnabled = true) => {
    const all = { ...registry.byId(credentials.id)?.settings, ...changed };
    registry.replace({ ...newApp({ ...credentials, settings: all }, "somebody", 0), isEnabled });
  };
  change(settings ?? {});
  return {
    clock,
    registry,
    topics,
    hub,
    activity,
    broker,
    roster,
    broadcast,
    bugs,
    stack,
    app,
    change,
    connect: () => new FakeClient(stack, app(), new FakeSocket(topics)),
    /** Records the activities of these types from now on. */
    listen: <Type extends ActivityType>(...types: Type[]) => {
      const received: object[] = [];
      for (const type of types)
        activity.on(type, (one: Activity) => {
          // Connections would fill the output of a failed test, and revisions differ between runs.
          const { revision: _, ...rest } = { revision: 0, ...one };
          received.push("connection" in rest ? { ...rest, connection: rest.connection.socketId } : rest);
        });
      return received;
    },
  };
}

export type Stage = ReturnType<typeof startProtocol>;

/** A connected client that has received `connection_established`. */
export class FakeClient {
  readonly connection: Connection;
  readonly socket: FakeSocket;
  readonly #stack: ProtocolStack;

  constructor(stack: ProtocolStack, app: App, socket: FakeSocket) {
    this.#stack = stack;
    this.socket = socket;
    this.connection = stack.open.open(app, socket, peer);
    this.received();
  }

  /** The frames received since the last call. `data` is parsed if it is JSON. */
  received(): object[] {
    return this.socket.frames.splice(0).map((frame) => {
      const { data, ...rest } = JSON.parse(frame);
      return { ...rest, data: jsonOrText(data) };
    });
  }

  /** Sends a message, and waits until all messages of this client are handled. */
  async send(message: object | string): Promise<void> {
    this.sendNow(message);
    await this.settled();
  }

  sendNow(message: object | string): void {
    this.#stack.handleMessage(this.connection, textOf(message));
  }

  /** @param member a text is sent unchanged */
  subscribe(channel: string, member?: object | string): Promise<void> {
    return this.send(this.subscription(channel, member));
  }

  /** A subscription with a valid signature. */
  subscription(channel: string, member?: object | string): object {
    const channelData = member === undefined ? null : textOf(member);
    const auth = signed(channelStringToSign(this.connection.socketId, channel, channelData));
    const data = { channel, auth, ...(channelData === null ? {} : { channel_data: channelData }) };
    return { event: "pusher:subscribe", data };
  }

  unsubscribe(channel: string): Promise<void> {
    return this.send({ event: "pusher:unsubscribe", data: { channel } });
  }

  signIn(user: object | string): Promise<void> {
    const userData = textOf(user);
    const auth = signed(userStringToSign(this.connection.socketId, userData));
    return this.send({ event: "pusher:signin", data: { auth, user_data: userData } });
  }

  /** Handles the end of the socket like the door. Rejects like the action. */
  disconnect(code = 1001): Promise<void> {
    this.socket.close(code, "");
    return new Promise((resolve, reject) => {
      this.connection.end(() => this.#stack.afterClose(this.connection, code, "").then(resolve, reject));
    });
  }

  settled(): Promise<void> {
    return new Promise((resolve) => this.connection.run(async () => resolve()));
  }
}

function textOf(json: object | string): string {
  return typeof json === "string" ? json : JSON.stringify(json);
}

export function signed(text: string): string {
  return `${credentials.key}:${hmacSha256(credentials.secret, text)}`;
}
