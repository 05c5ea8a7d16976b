/**
 * Connections of clients with the recovery plugin are broken repeatedly while events are published, and their nodes are
 * killed, restarted and stopped. On two nodes each client gets every event once. On one node the history is lost with the
 * process, so each client is notified when it missed events.
 */

import Pusher from "pusher-js";
import { recover } from "../../packages/recovery/src/recovery.ts";
import { TcpProxy } from "../../server/test/support/net/tcp-proxy.ts";
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { startCluster } from "../target/cluster.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { clients: 8, cuts: 2 },
  short: { clients: 200, cuts: 20 },
  long: { clients: 1_000, cuts: 50 },
} satisfies Record<Extent, unknown>;
type Size = (typeof sizes)[Extent];

const channel = "news";
/** Below the maximum that a recovery replays, so that clients on a slow machine do not get `too_many`. */
const behindMax = 200;
const reconnectDelayMsMax = 100;

export const recoveryStorm: Fault = {
  title:
    "clients whose connections break repeatedly get every event once, or are notified that they missed some",
  async run(extent) {
    const size = sizes[extent];
    const one = await onOneNode(size);
    const two = await onTwoNodes(size);
    return {
      figures: { ...size, ...one.figures, ...two.figures },
      problems: [...one.problems, ...two.problems],
    };
  },
};

async function onOneNode(size: Size) {
  let node = await startSoketify(Admin.environment);
  const storm = await Storm.begin(node, [node], size);
  try {
    await storm.cutAll();
    const reported = storm.missed;
    node = await node.restart();
    await storm.publishFrom(node);
    await storm.untilAllAreBack();
    await storm.cutAll();
    await storm.untilAllHaveAll();
    return {
      figures: { "recoveries on one node": storm.recovered },
      problems: [
        ...storm.problems("one node"),
        ...failures({
          "on one node no client missed an event before the kill": reported === 0,
          "on one node every client was notified once that it missed events": storm.missed === size.clients,
        }),
      ],
    };
  } finally {
    await storm.end();
    await node.stop();
  }
}

async function onTwoNodes(size: Size) {
  const cluster = await startCluster(2, () => Admin.environment);
  const [first, second] = cluster.nodes as [Target, Target];
  const storm = await Storm.begin(second, cluster.nodes, size);
  let again: Target | null = null;
  try {
    await storm.cutAll();
    storm.lead([second]);
    again = await first.restart();
    storm.lead([again, second]);
    await storm.cutAll();
    storm.lead([second]);
    await again.stop("SIGTERM");
    await storm.cutAll();
    await storm.untilAllHaveAll();
    return {
      figures: { "recoveries on two nodes": storm.recovered },
      problems: [
        ...storm.problems("two nodes"),
        ...failures({ "on two nodes no client missed an event": storm.missed === 0 }),
      ],
    };
  } finally {
    await storm.end();
    await again?.stop();
    await cluster.stop();
  }
}

/** Clients whose connections can be redirected to other nodes, and one publisher. */
class Storm {
  readonly #proxy: TcpProxy;
  readonly #clients: StormClient[];
  readonly #cuts: number;
  #api: Api;
  #published = 0;

  private constructor(proxy: TcpProxy, api: Api, clients: StormClient[], cuts: number) {
    this.#proxy = proxy;
    this.#api = api;
    this.#clients = clients;
    this.#cuts = cuts;
  }

  static async begin(publisher: Target, nodes: readonly Target[], { clients, cuts }: Size): Promise<Storm> {
    await new Admin(publisher).setRules([{ pattern: channel, historyEventsMax: 10_000 }]);
    const proxy = await TcpProxy.open(nodes.map(({ port }) => port));
    const opened = Array.from({ length: clients }, () => new StormClient(publisher.app.key, proxy.port));
    const storm = new Storm(proxy, await Api.connect(publisher), opened, cuts);
    await storm.untilAllAreBack();
    return storm;
  }

  get recovered(): number {
    return this.#clients.reduce((sum, client) => sum + client.recovered, 0);
  }

  get missed(): number {
    return this.#clients.reduce((sum, client) => sum + client.missed, 0);
  }

  /** Sets the nodes that new connections go to. */
  lead(nodes: readonly Target[]): void {
    this.#proxy.targets = nodes.map(({ port }) => port);
  }

  async publishFrom(node: Target): Promise<void> {
    this.#api.close();
    this.#api = await Api.connect(node);
  }

  /** Publishes without a pause, and breaks each client's connection at random moments, as often as requested. */
  async cutAll(): Promise<void> {
    const left = new Map(this.#clients.map((client) => [client, this.#cuts]));
    const isOver = () => left.size === 0;
    while (!isOver()) {
      await this.#publish();
      for (const [client, cuts] of left) {
        if (!client.isHere || Math.random() < 0.8) continue;
        client.cut();
        if (cuts === 1) left.delete(client);
        else left.set(client, cuts - 1);
      }
      await until("no client is too far behind", () =>
        this.#clients.every(({ newest }) => this.#published - newest < behindMax),
      );
    }
  }

  async untilAllAreBack(): Promise<void> {
    await until("all clients have reconnected", () => this.#clients.every(({ isHere }) => isHere));
  }

  async untilAllHaveAll(): Promise<void> {
    await this.untilAllAreBack();
    await this.#publish();
    await until("all clients have the last event", () =>
      this.#clients.every(({ newest }) => newest === this.#published),
    );
  }

  problems(where: string): string[] {
    const found = this.#clients.flatMap(({ problems }) => problems);
    return found.slice(0, 5).map((problem) => `${where}: ${problem}`);
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.close();
    this.#api.close();
    await this.#proxy.close();
  }

  async #publish(): Promise<void> {
    this.#published += 1;
    const { status, body } = await this.#api.publish(channel, this.#published);
    if (status !== 200) throw new Error(`the server answered a publish with ${status}: ${body}`);
  }
}

/** A stock client with the plugin. It records events out of order, and gaps that were not reported. */
class StormClient {
  readonly problems: string[] = [];
  /** The sequence number of the newest event. */
  newest = 0;
  recovered = 0;
  missed = 0;
  /** Whether it is subscribed. */
  isHere = false;
  readonly #pusher: Pusher;
  /** Whether it was notified of missed events, and has received no event since. */
  #isMissNotified = false;

  constructor(key: string, port: number) {
    const server = { wsHost: "127.0.0.1", wsPort: port, forceTLS: false, cluster: "default" };
    this.#pusher = new Pusher(key, { ...server, enabledTransports: ["ws"], disableStats: true });
    recover(this.#pusher, { reconnectDelayMsMax });
    this.#pusher.connection.bind("state_change", ({ current }: { current: string }) => {
      if (current !== "connected") this.isHere = false;
    });
    this.#pusher.subscribe(channel).bind_global((event: string, data: unknown) => this.#receive(event, data));
  }

  /** Breaks the connection as a failing network does: the client does not close it. */
  cut(): void {
    this.isHere = false;
    const { connection } = this.#pusher.connection as unknown as {
      readonly connection: {
        readonly transport: { readonly socket: { terminate?(): void; close(): void } };
      };
    };
    const { socket } = connection.transport;
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
  }

  close(): void {
    this.#pusher.disconnect();
  }

  #receive(event: string, data: unknown): void {
    if (event === "pusher:subscription_succeeded") this.isHere = true;
    else if (event === "soketify:recovered") this.recovered += 1;
    else if (event === "soketify:missed") {
      this.missed += 1;
      this.#isMissNotified = true;
    } else if (event === "bench") this.#count(Number(String(data).split("|")[1]));
  }

  #count(sequence: number): void {
    if (sequence <= this.newest) this.problems.push(`event ${sequence} came after event ${this.newest}`);
    else if (sequence > this.newest + 1 && !this.#isMissNotified && this.newest > 0)
      this.problems.push(
        `event ${sequence} came after event ${this.newest} without a notice of missed events`,
      );
    this.newest = sequence;
    this.#isMissNotified = false;
  }
}

if (import.meta.main) await runAsProgram(recoveryStorm);
