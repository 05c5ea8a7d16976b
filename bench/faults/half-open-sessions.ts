/** Clients open many HTTP sessions on one node, stream through another node, and then do nothing. All sessions must end, and use little memory. */
import type { Socket } from "bun";
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { inParallel } from "../client/crowd.ts";
import { Histogram } from "../client/histogram.ts";
import { HttpLine } from "../client/http-line.ts";
import { LightClient } from "../client/light-client.ts";
import { startCluster } from "../target/cluster.ts";
import { processUsage } from "../target/process-usage.ts";
import type { Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { count: 100, heartbeatMs: 2_000 },
  short: { count: 10_000, heartbeatMs: 10_000 },
  long: { count: 10_000, heartbeatMs: 25_000 },
} satisfies Record<Extent, unknown>;

const publishEveryMs = 50;
/** For the runtime's buffers, and for each session on each of the two nodes. */
const bytesMax = { base: 64 * 2 ** 20, each: 32 * 2 ** 10 };
/** After two heartbeats that no client acknowledges. */
const endedWithinMs = 60_000;
/** A node reports its connections to the other one every second. */
const countedWithinMs = 10_000;

export const halfOpenSessions: Fault = {
  title: "HTTP sessions that were opened at one node and are abandoned at another one end, in bounded memory",
  async run(extent) {
    const { count, heartbeatMs } = sizes[extent];
    const cluster = await startCluster(2, () => ({
      ...Admin.environment,
      SOKETIFY_HEARTBEAT_INTERVAL_MS: String(heartbeatMs),
    }));
    const [holder, other] = cluster.nodes;
    if (holder === undefined || other === undefined) throw new Error("There are two nodes");
    const api = await Api.connect(holder);
    let received = 0;
    const neighbour = await LightClient.connect(
      { port: other.port, key: other.app.key },
      { onEvent: () => (received += 1) },
    );
    await neighbour.subscribe("neighbours");
    const sessions = new HalfOpenSessions(holder, other);
    const before = memoryOf(cluster.nodes);
    let peak = before;
    try {
      const opening = sessions.open(count);
      let isOpening = true;
      void opening.finally(() => (isOpening = false));
      const latency = new Histogram();
      let accepted = 0;
      let endsAtMs = Number.POSITIVE_INFINITY;
      while (isOpening || (sessions.count > 0 && performance.now() < endsAtMs)) {
        const asked = performance.now();
        if ((await api.publish("neighbours", accepted)).status === 200) accepted += 1;
        latency.record((performance.now() - asked) * 1000);
        peak = memoryOf(cluster.nodes).map((bytes, node) => Math.max(bytes, peak[node] ?? 0));
        if (!isOpening && endsAtMs === Number.POSITIVE_INFINITY)
          endsAtMs = performance.now() + 2 * heartbeatMs + endedWithinMs;
        await Bun.sleep(publishEveryMs);
      }
      await opening;
      const left = sessions.count;
      await until("the neighbour has every event", () => received >= accepted);
      const connections = await connectionsLeft(api);
      const growth = peak.map((bytes, node) => bytes - (before[node] ?? 0));
      return {
        figures: {
          sessions: count,
          "seconds to open all": sessions.openedAfterS,
          "streaming at the same time": sessions.most,
          "KiB per session at their node": (growth[0] ?? 0) / count / 1024,
          "KiB per session at the other node": (growth[1] ?? 0) / count / 1024,
          "p99 ms of a publish during this": latency.quantile(0.99) / 1000,
        },
        problems: failures({
          [`the other node streams each session, but it streams only ${sessions.opened}`]:
            sessions.opened === count,
          [`each session ends within two heartbeats and a minute, but ${left} do not`]: left === 0,
          [`only the neighbour stays connected, but ${connections} are`]: connections === 1,
          "each node grows by at most 32 KiB a session and 64 MiB": growth.every(
            (bytes) => bytes <= bytesMax.base + bytesMax.each * count,
          ),
          "every event of the neighbour arrives": received === accepted && accepted > 0,
        }),
      };
    } finally {
      sessions.end();
      api.close();
      neighbour.cut();
      await cluster.stop();
    }
  },
};

/** The number of connections that remain, once the nodes have had time to report it. */
async function connectionsLeft(api: Api): Promise<number> {
  let count = 0;
  await until(
    "one connection remains",
    async () => {
      count = await api.connectionCount();
      return count === 1;
    },
    countedWithinMs,
  ).catch(() => undefined); // the caller reports it
  return count;
}

class HalfOpenSessions {
  openedAfterS = 0;
  opened = 0;
  /** The largest number that was streaming at the same time. */
  most = 0;
  readonly #holder: Target;
  readonly #other: Target;
  readonly #streams = new Set<Socket>();

  constructor(holder: Target, other: Target) {
    this.#holder = holder;
    this.#other = other;
  }

  /** The number of open streams. */
  get count(): number {
    return this.#streams.size;
  }

  async open(count: number): Promise<void> {
    const began = performance.now();
    await inParallel(count, async (index) => {
      const session = `halfopen${index}`;
      const line = await HttpLine.connect(this.#holder.port);
      await line.send(this.#request(session, "xhr"));
      line.close();
      await this.#stream(this.#request(session, "xhr_streaming"));
    });
    this.openedAfterS = (performance.now() - began) / 1000;
  }

  end(): void {
    for (const stream of this.#streams) stream.terminate();
  }

  #request(session: string, kind: string): string {
    const path = `/pusher/app/${this.#holder.app.key}/1/${session}/${kind}?protocol=7&client=js&version=8.6.0`;
    return `POST ${path} HTTP/1.1\r\nHost: nodes\r\nContent-Length: 0\r\n\r\n`;
  }

  /** Resolves when the head of the answer is here. */
  async #stream(request: string): Promise<void> {
    const head = Promise.withResolvers<void>();
    await Bun.connect({
      hostname: "127.0.0.1",
      port: this.#other.port,
      socket: {
        open: (socket) => {
          socket.write(request);
        },
        data: (socket, bytes) => {
          const isFirst = bytes.toString("latin1").startsWith("HTTP/1.1 200");
          if (isFirst) {
            this.opened += 1;
            this.#streams.add(socket);
          }
          this.most = Math.max(this.most, this.count);
          head.resolve();
          // The last chunk: the connection itself is kept for another request.
          if (bytes.toString("latin1").endsWith("0\r\n\r\n")) socket.end();
        },
        close: (socket) => {
          this.#streams.delete(socket);
          head.resolve();
        },
      },
    });
    await head.promise;
  }
}

function memoryOf(nodes: readonly Target[]): number[] {
  return nodes.map(({ pid }) => processUsage(pid).pssBytes);
}

if (import.meta.main) await runAsProgram(halfOpenSessions);
