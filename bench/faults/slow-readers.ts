/** Some of many subscribers stop reading. The server closes them; the others are not affected. */
import { Api } from "../client/api.ts";
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import { DeliveryAudit } from "../client/delivery-audit.ts";
import { processUsage } from "../target/process-usage.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { connections: 60, stopped: 5, baselineEvents: 20, pauseMs: 0 },
  short: { connections: 1000, stopped: 50, baselineEvents: 300, pauseMs: 20 },
  long: { connections: 1000, stopped: 50, baselineEvents: 1000, pauseMs: 20 },
} satisfies Record<Extent, unknown>;

const channel = "slow";
const payloadBytes = 9000;
const backpressureBytesMax = 1_048_576;
/** The memory that unread bytes of the clients that stopped reading may take, with a margin for the runtime's own buffers. */
const memoryGrowthBytesMax = (stopped: number): number => 3 * stopped * backpressureBytesMax + 128 * 2 ** 20;

export const slowReaders: Fault = {
  title:
    "subscribers that stop reading are closed at the byte limit, and no other subscriber misses an event",
  async run(extent) {
    const { connections, stopped, baselineEvents, pauseMs } = sizes[extent];
    const target = await startSoketify({ SOKETIFY_BACKPRESSURE_BYTES_MAX: String(backpressureBytesMax) });
    const healthy = connections - stopped;
    const audits = { before: new DeliveryAudit(healthy), during: new DeliveryAudit(healthy) };
    let audit = audits.before;
    const closed = new Set<number>();
    const clients = await openCrowd(
      { port: target.port, key: target.app.key },
      connections,
      () => [channel],
      (index) => ({
        onEvent: (bytes, start, end) => {
          if (index < healthy) audit.receive(index, bytes, start, end);
        },
        onClose: () => closed.add(index),
      }),
    );
    const api = await Api.connect(target);
    try {
      await publish(api, baselineEvents, pauseMs);
      await until("the healthy subscribers have every event", () => audit.incomplete(baselineEvents) === 0);
      const memoryBefore = processUsage(target.pid).pssBytes;
      audit = audits.during;
      for (const client of clients.slice(healthy)) client.pause();
      const { events, memoryPeak } = await publishUntilClosed(target, api, healthy, pauseMs);
      await until("the healthy subscribers have every event", () => audit.incomplete(events) === 0);
      for (const client of clients.slice(healthy)) client.resume();
      await until("the clients that stopped reading are closed", () => closed.size >= stopped);
      const p99 = (each: DeliveryAudit): number => each.latency.quantile(0.99) / 1000;
      return {
        figures: {
          connections,
          "clients that stop reading": stopped,
          "events until the last subscriber that stopped reading was closed": events,
          "p99 ms before": p99(audits.before),
          "p99 ms during": p99(audits.during),
          "MiB before": memoryBefore / 2 ** 20,
          "MiB at the peak": memoryPeak / 2 ** 20,
        },
        problems: failures({
          "only subscribers that stopped reading were closed": [...closed].every((index) => index >= healthy),
          "no healthy subscriber got an event twice":
            audits.before.duplicates + audits.during.duplicates === 0,
          "memory stayed within the limits": memoryPeak - memoryBefore <= memoryGrowthBytesMax(stopped),
          "the p99 of the others stayed within 10 %":
            extent === "quick" || p99(audits.during) <= 1.1 * p99(audits.before),
        }),
      };
    } finally {
      api.close();
      closeCrowd(clients);
      await target.stop();
    }
  },
};

async function publish(api: Api, events: number, pauseMs: number): Promise<void> {
  for (let sequence = 0; sequence < events; sequence += 1) {
    await api.publish(channel, sequence, payloadBytes);
    if (pauseMs > 0) await Bun.sleep(pauseMs);
  }
}

const eventsMax = 20_000;

/** Publishes until only healthy subscribers are connected. */
async function publishUntilClosed(target: Target, api: Api, healthy: number, pauseMs: number) {
  let memoryPeak = 0;
  for (let events = 0; events < eventsMax; events += 50) {
    for (let sequence = events; sequence < events + 50; sequence += 1) {
      await api.publish(channel, sequence, payloadBytes);
      if (pauseMs > 0) await Bun.sleep(pauseMs);
    }
    memoryPeak = Math.max(memoryPeak, processUsage(target.pid).pssBytes);
    if ((await api.connectionCount()) === healthy) return { events: events + 50, memoryPeak };
  }
  throw new Error(`${eventsMax} events of ${payloadBytes} bytes closed no slow reader`);
}

if (import.meta.main) await runAsProgram(slowReaders);
