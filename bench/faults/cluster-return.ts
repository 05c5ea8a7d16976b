/** The node that holds all clients is killed, and the clients reconnect to two other nodes at the same time. */
import { Api } from "../client/api.ts";
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import { startCluster } from "../target/cluster.ts";
import type { Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { connections: 200, retryMs: 50 },
  short: { connections: 10_000, retryMs: 1000 },
  long: { connections: 18_000, retryMs: 1000 },
} satisfies Record<Extent, unknown>;

const channel = "private-return";
/** The time for a lease to expire and for a sweep, on a busy machine. */
const sweptWithinMs = 60_000;

export const clusterReturn: Fault = {
  title:
    "the clients of a killed node reconnect to two others, are counted correctly and miss no event afterwards",
  async run(extent) {
    const { connections, retryMs } = sizes[extent];
    const cluster = await startCluster(3);
    const [dying, ...others] = cluster.nodes;
    if (dying === undefined) throw new Error("A cluster has nodes");
    const crowd = new Crowd(connections, retryMs);
    try {
      await inParallel(connections, (index) => crowd.join(index, dying));
      crowd.returnTo(others);
      const killedAt = performance.now();
      await cluster.kill(dying);
      await until("all clients have reconnected", () => crowd.back.every((at) => at > 0), 120_000);
      const times = [...crowd.back].map((at) => at - killedAt).sort((a, b) => a - b);
      const api = await Api.connect(others[0] ?? dying);
      await until(
        "the count is correct again",
        async () => (await api.subscriptionCount(channel)) === connections,
        sweptWithinMs,
      );
      crowd.received.fill(0);
      const { status } = await api.publish(channel, 0);
      await until("every client received the event", () => crowd.received.every((count) => count > 0));
      api.close();
      return {
        figures: {
          connections,
          "ms until half have reconnected": times[Math.floor(0.5 * connections)] ?? 0,
          "ms until 99 % have reconnected": times[Math.floor(0.99 * connections)] ?? 0,
          "ms until all have reconnected": times.at(-1) ?? 0,
          "failed attempts": crowd.failures,
        },
        problems: failures({
          "an event is accepted after the return": status === 200,
          "every client receives the event once": crowd.received.every((count) => count === 1),
        }),
      };
    } finally {
      crowd.close();
      await cluster.stop();
    }
  },
};

/** Clients that reconnect, each to the next node, as stock clients do after a broken connection. */
class Crowd {
  readonly received: Uint32Array;
  /** The time when each client was subscribed again; 0 until then. */
  readonly back: Float64Array;
  failures = 0;
  readonly #clients: LightClient[] = [];
  readonly #retryMs: number;
  #homes: readonly Target[] = [];

  constructor(connections: number, retryMs: number) {
    this.received = new Uint32Array(connections);
    this.back = new Float64Array(connections);
    this.#retryMs = retryMs;
  }

  returnTo(homes: readonly Target[]): void {
    this.#homes = homes;
  }

  async join(index: number, node: Target): Promise<void> {
    // The connection may end before `connect` resolves.
    let client: LightClient | null = null;
    client = await LightClient.connect(
      { port: node.port, key: node.app.key },
      {
        onEvent: () => (this.received[index] = (this.received[index] ?? 0) + 1),
        onClose: () => {
          if (this.#clients[index] === client) void this.#comeBack(index);
        },
      },
    );
    await client.subscribe(channel, channelCredentials(node.app, await client.socketId, channel));
    this.#clients[index] = client;
    if (this.#homes.length > 0) this.back[index] = performance.now();
  }

  close(): void {
    this.#homes = [];
    closeCrowd(this.#clients);
  }

  async #comeBack(index: number): Promise<void> {
    for (;;) {
      await Bun.sleep(this.#retryMs);
      const home = this.#homes[index % this.#homes.length];
      if (home === undefined) return;
      try {
        return await this.join(index, home);
      } catch {
        this.failures += 1; // the node is overloaded: retry, as a client does
      }
    }
  }
}

if (import.meta.main) await runAsProgram(clusterReturn);
