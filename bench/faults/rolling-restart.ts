/**
 * Three nodes behind nginx, or with `--haproxy` behind HAProxy, are restarted one after another, while events are
 * published through the balancer to stock pusher-js clients. Each client gets every event that was accepted while it was connected, once.
 */

import { startHaproxyBalancer } from "../../server/test/support/net/documented-proxies.ts";
import { freePort } from "../../server/test/support/net/free-port.ts";
import { startNginxBalancer } from "../../server/test/support/net/nginx.ts";
import { SdkListener } from "../../server/test/support/sdk-listener.ts";
import { postEvent } from "../client/post-event.ts";
import type { App } from "../client/signature.ts";
import { startCluster } from "../target/cluster.ts";
import { type Extent, type Fault, failures, runAsProgram, until, type Verdict } from "./fault.ts";

const sizes = {
  quick: { clients: 10, rounds: 1, drainMs: 300 },
  short: { clients: 50, rounds: 2, drainMs: 5_000 },
  long: { clients: 500, rounds: 10, drainMs: 10_000 },
} satisfies Record<Extent, unknown>;

const channel = "rolling";
const nodeCount = 3;
const pauseMs = 20;
/** A stock client that gets a 503 or cannot connect retries after 15 seconds. */
const awayMsMax = 10_000;
/** If an event was accepted less than this before a client was closed, the order of the two is unknown. */
const aroundCloseMs = 1_000;

interface Accepted {
  readonly sentMs: number;
  readonly acceptedMs: number;
}

interface Balancer {
  readonly name: string;
  start(port: number, nodePorts: readonly number[]): Promise<{ remove(): Promise<void> }>;
  /** How long a node must be unready until the balancer sends it no more connections. */
  readonly noticesAfterMs: number;
  /** How long it sends a node no connections after that node refused one. With all nodes in this state it answers 502. */
  readonly avoidsForMs: number;
}

const nginx: Balancer = { name: "nginx", start: startNginxBalancer, noticesAfterMs: 0, avoidsForMs: 2_000 };
const haproxy: Balancer = {
  name: "HAProxy",
  start: startHaproxyBalancer,
  noticesAfterMs: 1_500,
  avoidsForMs: 1_500,
};

export const rollingRestart = rollingRestartBehind(nginx);
export const rollingRestartHaproxy = rollingRestartBehind(haproxy);

function rollingRestartBehind(balancer: Balancer): Fault {
  return {
    title: `a rolling restart behind ${balancer.name} loses no event accepted for a connected client, and delivers none twice`,
    run: (extent) => restartNodesBehind(balancer, extent),
  };
}

async function restartNodesBehind(balancer: Balancer, extent: Extent): Promise<Verdict> {
  const { clients, rounds, drainMs } = sizes[extent];
  const graceMs = Math.max(drainMs, balancer.noticesAfterMs);
  const drain = { SOKETIFY_DRAIN_GRACE_MS: String(graceMs), SOKETIFY_DRAIN_MS: String(drainMs) };
  const cluster = await startCluster(nodeCount, () => drain);
  const port = await freePort();
  const front = await balancer.start(
    port,
    cluster.nodes.map((node) => node.port),
  );
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error("A cluster has nodes");
  const target = { port, app: node.app };
  const listeners = Array.from({ length: clients }, () => new SdkListener(target, channel));
  const areAllThere = () => listeners.every(({ isSubscribed }) => isSubscribed);
  try {
    await until("all clients are subscribed", areAllThere);
    const publisher = new PatientPublisher(target);
    const publishing = publisher.run();
    for (let round = 0; round < rounds; round++)
      for (let index = 0; index < nodeCount; index++) {
        await cluster.restart(index);
        await Bun.sleep(balancer.avoidsForMs);
      }
    await until("all clients are subscribed again", areAllThere);
    await publisher.stop();
    await publishing;
    const last = publisher.accepted.length - 1;
    const sequences = () => listeners.map(({ received }) => received.map(sequenceOf));
    await until("all clients have the last event", () => sequences().every((mine) => mine.includes(last)));
    const awayMs = Math.round(Math.max(...listeners.flatMap(({ stays }) => absences(stays))));
    const missed = sequences().map((mine) => missing(mine, publisher.accepted.length));
    return {
      figures: {
        clients,
        restarts: rounds * nodeCount,
        "events accepted": publisher.accepted.length,
        "failed attempts": publisher.failures,
        "longest absence of a client, ms": awayMs,
        "events published while a client was not connected, all clients together": missed.flat().length,
      },
      problems: failures({
        "no client got an event twice": sequences().every((mine) => new Set(mine).size === mine.length),
        "every client got the events in order": sequences().every((mine) =>
          mine.every((sequence, index) => sequence > (mine[index - 1] ?? -1)),
        ),
        "no accepted event is lost for a connected client": missed.every((lost, index) =>
          lost.every((sequence) => !wasThere(listeners[index], publisher.accepted[sequence])),
        ),
        "no client was sent to a node that drains": awayMs < awayMsMax,
        "every client had to reconnect": listeners.every(({ stays }) => stays.length > 1),
      }),
    };
  } finally {
    for (const listener of listeners) listener.close();
    await front.remove();
    await cluster.stop();
  }
}

/** Publishes one event after another, and retries each until it is accepted, as a backend with an idempotency key does. */
class PatientPublisher {
  readonly accepted: Accepted[] = [];
  failures = 0;
  readonly #front: { readonly port: number; readonly app: App };
  #isStopped = false;

  constructor(front: { readonly port: number; readonly app: App }) {
    this.#front = front;
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      const sentMs = performance.now();
      while (!(await this.#try(this.accepted.length))) this.failures += 1;
      this.accepted.push({ sentMs, acceptedMs: performance.now() });
      await Bun.sleep(pauseMs);
    }
  }

  /** Stops after one more accepted event. */
  async stop(): Promise<void> {
    const count = this.accepted.length;
    await until("one more event is accepted", () => this.accepted.length > count);
    this.#isStopped = true;
  }

  async #try(sequence: number): Promise<boolean> {
    try {
      const key = { "idempotency-key": `rolling-${sequence}` };
      return (await postEvent(this.#front, channel, sequence, key)).status === 200;
    } catch {
      return false; // the connection broke: the event may or may not have been accepted
    }
  }
}

/** The sequence number in a stamped payload. */
function sequenceOf(data: unknown): number {
  return Number(String(data).split("|")[1]);
}

function missing(received: readonly number[], count: number): number[] {
  const known = new Set(received);
  return Array.from({ length: count }, (_, sequence) => sequence).filter((sequence) => !known.has(sequence));
}

/** The milliseconds between a client's connections. */
function absences(stays: SdkListener["stays"]): number[] {
  return stays.slice(1).map(({ fromMs }, index) => fromMs - (stays[index]?.toMs ?? fromMs));
}

function wasThere(listener: SdkListener | undefined, event: Accepted | undefined): boolean {
  if (listener === undefined || event === undefined) return false;
  return listener.stays.some(
    ({ fromMs, toMs }) => fromMs < event.sentMs && event.acceptedMs + aroundCloseMs < toMs,
  );
}

if (import.meta.main)
  await runAsProgram(process.argv.includes("--haproxy") ? rollingRestartHaproxy : rollingRestart);
