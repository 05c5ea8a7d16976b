/** The actions of clients and backends in one run, and the faults: all chosen by the seed. */

import type { Activity } from "../../src/core/activity.ts";
import { type AppRecord, activeSecret } from "../../src/core/apps/app.ts";
import { presenceGraceMs } from "../../src/core/apps/channel-rules.ts";
import { newApp, newSecret } from "../../src/core/apps/new-app.ts";
import type { RosterChange } from "../../src/core/ports/roster.ts";
import { MemoryAppStore } from "../support/fakes/memory-app-store.ts";
import { nobody } from "../support/net/from-nowhere.ts";
import { credentials } from "../support/protocol-stage.ts";
import { Random } from "./random.ts";
import type { SimClient } from "./sim-client.ts";
import { SimEngine } from "./sim-engine.ts";
import { SimNode } from "./sim-node.ts";
import { SimProcess } from "./sim-process.ts";
import { createSimSuppliers } from "./sim-suppliers.ts";
import { gracedChannel, planTrouble, spanMs, type Trouble } from "./trouble.ts";
import { World } from "./world.ts";

export const channels = [
  "news",
  "private-a",
  "presence-a",
  "presence-b",
  "cache-a",
  "presence-cache-a",
] as const;
export const users = ["u0", "u1", "u2", "u3"] as const;
export const appId = credentials.id;
const settleMs = 60_000;

export interface SentEvent {
  readonly id: string;
  readonly channel: string;
  readonly exceptSocketId: string | null;
  /** The outcome of client events is not reported to anybody. */
  outcome: "pending" | "sequenced" | "local" | "refused";
}

const changeTypes = [
  "channel_occupied",
  "channel_vacated",
  "member_added",
  "member_removed",
  "subscription_count",
  "user_online",
  "user_offline",
] as const;

export class Run {
  readonly seed: number;
  readonly random: Random;
  readonly world = new World();
  readonly engine = new SimEngine(this.world);
  readonly nodes: SimNode[] = [];
  readonly clients: SimClient[] = [];
  readonly events: SentEvent[] = [];
  /** The changes on the nodes' activity feeds, each with its node. */
  readonly reported: { readonly node: SimNode; readonly change: RosterChange }[] = [];
  /** Each call to terminate a user's connections, with the time in Unix milliseconds. */
  readonly terminations: { readonly userId: string; readonly atMs: number }[] = [];
  readonly oldSecretId: string;
  readonly trouble: Trouble;
  /** The grace of the graced channel's members. */
  readonly graceMs: number;
  readonly #oldSecret: string;
  #secret: string;
  #app: AppRecord;

  constructor(seed: number) {
    this.seed = seed;
    this.random = new Random(seed);
    this.graceMs = this.random.pick([0, 2_000, 12_000, 25_000]);
    const channelRules = [{ pattern: gracedChannel, presenceGraceMs: this.graceMs }];
    this.#app = newApp(
      { ...credentials, settings: { subscriptionCountEnabled: true, watchlistEnabled: true, channelRules } },
      "somebody",
      this.world.now(),
    );
    const secret = activeSecret(this.#app);
    this.oldSecretId = secret.id;
    this.#oldSecret = secret.value;
    this.#secret = secret.value;
    const policy = this.random.chance(0.7) ? "local" : "refuse";
    const nodeCount = 2 + this.random.below(4);
    for (let index = 0; index < nodeCount; index++) this.#addNode(`n${index}`, policy);
    this.trouble = planTrouble(this, this.random);
  }

  get isRotated(): boolean {
    return this.#secret !== this.#oldSecret;
  }

  /** Runs all actions, and waits until the cluster is stable. */
  play(): void {
    const { random, world } = this;
    for (let index = 0; index < 4; index++) world.at(world.startMs + 20, () => this.#connect());
    const actions = 20 + random.below(60);
    for (let index = 0; index < actions; index++) this.#sometime(() => this.#act());
    if (random.chance(0.2)) this.#sometime(() => this.#rotate());
    world.runUntil(world.startMs + spanMs + settleMs);
  }

  #sometime(act: () => void): void {
    this.world.at(this.world.startMs + this.random.between(20, spanMs), act);
  }

  #addNode(id: string, policy: "local" | "refuse"): void {
    const process = new SimProcess(this.world);
    const readApp = () => this.#app;
    const graceOf = (_: string, channel: string) => presenceGraceMs(readApp().settings, channel);
    const suppliers = createSimSuppliers(id, this, process, { policy, graceOf });
    const { world, random } = this;
    /** A database with a latency of some milliseconds. */
    const store = new (class extends MemoryAppStore {
      override async find(): Promise<AppRecord | null> {
        const found = readApp();
        await new Promise<void>((resolve) => world.after(random.between(0, 6), () => process.run(resolve)));
        return found;
      }
    })([this.#app]);
    const node = new SimNode(id, world, process, suppliers, { app: this.#app, store });
    this.nodes.push(node);
    for (const type of changeTypes)
      node.activity.on(type, (change: Activity) => {
        this.reported.push({ node, change: change as RosterChange });
      });
  }

  /** A node that can accept a client or a request. */
  #anyNode(): SimNode | undefined {
    return this.random.pickAny(this.nodes.filter(({ process }) => process.isRunning));
  }

  #act(): void {
    const { random } = this;
    const dice = random.below(21);
    const client = random.pickAny(this.clients.filter((one) => one.isOpen));
    if (client === undefined || dice < 3) this.#connect();
    else if (dice < 8) this.#subscribe(client, random.pick(channels));
    else if (dice < 11) this.#unsubscribe(client);
    else if (dice < 12) client.connection.socket.close(1001, "");
    else if (dice < 13) client.connection.socket.close(1006, "");
    else if (dice < 18) this.#publish();
    else if (dice < 19) this.#terminate(client.userId);
    else this.#sendClientEvent(client);
  }

  #connect(again: readonly string[] = [], who?: string): void {
    const { random } = this;
    const node = this.#anyNode();
    if (node === undefined) return;
    const userId = who ?? random.pick(users);
    const client = node.connect(userId, (closed, code) => this.#reconnect(closed, code));
    this.clients.push(client);
    if (random.chance(0.4)) {
      const watchlist = users.filter(() => random.chance(0.5));
      node.send(client, client.signIn(watchlist, this.#signer()));
      if (random.chance(0.5)) this.#subscribe(client, `#server-to-user-${userId}`);
    }
    for (const channel of again) this.#subscribe(client, channel);
    if (again.length === 0) this.#subscribe(client, random.pick(channels));
  }

  /** Reconnects like pusher-js, with all channels, immediately or when the network is back. */
  #reconnect({ connection, userId }: SimClient, code: number): void {
    const { random, world } = this;
    const wanted = [...connection.subscriptions.keys()];
    if (code === 4200) world.after(random.between(0, 2), () => this.#connect(wanted));
    if (code === 1006 && random.chance(0.7))
      world.after(random.between(0, this.graceMs * 1.2), () => this.#connect(wanted, userId));
  }

  /** Some backends use a new secret only after a delay. */
  #signer() {
    const isLate = this.random.chance(0.5);
    return { key: credentials.key, secret: isLate ? this.#oldSecret : this.#secret };
  }

  #subscribe(client: SimClient, channel: string): void {
    client.node.send(client, client.subscription(channel, this.#signer()));
  }

  #unsubscribe(client: SimClient): void {
    const channel = this.random.pickAny([...client.connection.subscriptions.keys()]);
    if (channel === undefined) return;
    const message = JSON.stringify({ event: "pusher:unsubscribe", data: { channel } });
    client.node.send(client, message);
  }

  #publish(): void {
    const { random } = this;
    const node = this.#anyNode();
    const app = node?.registry.byId(appId);
    if (node === undefined || !app) return;
    const channel = random.chance(0.1) ? `#server-to-user-${random.pick(users)}` : random.pick(channels);
    const except = random.chance(0.2) ? random.pickAny(this.clients.filter((one) => one.isOpen)) : undefined;
    const exceptSocketId = except?.connection.socketId ?? null;
    const event = this.#newEvent(channel, exceptSocketId);
    const sent = { name: "e", data: event.id, channels: [channel], exceptSocketId };
    Promise.resolve(node.stack.publish.send(app, sent, nobody)).then(
      ({ isLocal }) => {
        event.outcome = isLocal ? "local" : "sequenced";
      },
      () => {
        event.outcome = "refused";
      },
    );
  }

  #sendClientEvent(client: SimClient): void {
    const channel = this.random.pickAny(
      [...client.connection.subscriptions.keys()].filter((name) => /^(private|presence)-/.test(name)),
    );
    if (channel === undefined) return;
    const event = this.#newEvent(channel, client.connection.socketId);
    client.node.send(client, JSON.stringify({ event: "client-e", channel, data: event.id }));
  }

  #newEvent(channel: string, exceptSocketId: string | null): SentEvent {
    const event: SentEvent = { id: `e${this.events.length}`, channel, exceptSocketId, outcome: "pending" };
    this.events.push(event);
    return event;
  }

  #terminate(userId: string): void {
    const node = this.#anyNode();
    if (node === undefined) return;
    this.terminations.push({ userId, atMs: this.world.now() });
    node.stack.terminateUser(appId, userId);
  }

  /** Rotates the secret and closes the connections of the old one, as after a leak. */
  #rotate(): void {
    const node = this.#anyNode();
    const [old] = this.#app.secrets;
    if (node === undefined || old === undefined) return;
    const fresh = newSecret("active", "somebody", this.world.now());
    this.#app = {
      ...this.#app,
      revision: this.#app.revision + 1,
      secrets: [fresh, { ...old, state: "revoked" }],
    };
    this.#secret = fresh.value;
    node.install(this.#app);
    node.closeDistrusted(appId, this.oldSecretId);
  }
}
