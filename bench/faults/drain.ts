/** SIGTERM under load. The node first reports unready, then closes connections at a limited rate, and loses no accepted event. */
import { Api } from "../client/api.ts";
import { openCrowd } from "../client/crowd.ts";
import { readSequence } from "../client/stamp.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { connections: 200, graceMs: 2000, drainMs: 1000 },
  short: { connections: 10_000, graceMs: 2000, drainMs: 10_000 },
  long: { connections: 18_000, graceMs: 5000, drainMs: 30_000 },
} satisfies Record<Extent, unknown>;

const channel = "drain";
const drainCloseCode = 4200;

export const drain: Fault = {
  title:
    "a draining node first reports unready, closes with 4200 at a limited rate, and loses no accepted event",
  async run(extent) {
    const { connections, graceMs, drainMs } = sizes[extent];
    const target = await startSoketify({
      SOKETIFY_DRAIN_GRACE_MS: String(graceMs),
      SOKETIFY_DRAIN_MS: String(drainMs),
    });
    const next = new Int32Array(connections);
    const closes: { code: number | null; at: number }[] = [];
    let gaps = 0;
    await openCrowd(
      { port: target.port, key: target.app.key },
      connections,
      () => [channel],
      (index) => ({
        onEvent: (bytes, _start, end) => {
          const sequence = readSequence(bytes, end);
          if (sequence !== next[index]) gaps += 1;
          next[index] = sequence + 1;
        },
        onClose: (code) => closes.push({ code, at: performance.now() }),
      }),
    );
    const publishing = publishUntilGone(target);
    await until("all clients have the first event", () => next.every((sequence) => sequence > 0));
    const unready = untilUnready(target, () => closes.length);
    await target.stop("SIGTERM");
    const closesBeforeUnready = await unready;
    const accepted = await publishing;
    await until("every connection is closed", () => closes.length === connections);
    const shortest = next.reduce((least, sequence) => Math.min(least, sequence), accepted);
    const times = closes.map(({ at }) => at).sort((a, b) => a - b);
    const spreadMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
    return {
      figures: {
        connections,
        "events accepted": accepted,
        "events that the first closed client received": shortest,
        "ms from the first close to the last": spreadMs,
        "most closes in 100 ms": mostWithin(times, 100),
      },
      problems: failures({
        "the server was unready before it closed a connection": closesBeforeUnready === 0,
        "every connection was closed with 4200": closes.every(({ code }) => code === drainCloseCode),
        "no client missed an event before its last one": gaps === 0,
        "some client received every accepted event": next.includes(accepted),
        "the closes are spread over at least half of the set time":
          extent === "quick" || spreadMs >= drainMs / 2,
      }),
    };
  },
};

/** Publishes one event after another until the server has stopped; returns how many it accepted while a client was connected. */
async function publishUntilGone(target: Target): Promise<number> {
  const api = await Api.connect(target);
  let accepted = 0;
  try {
    for (;;) {
      const { status } = await api.publish(channel, accepted);
      if (status !== 200) return accepted;
      accepted += 1;
      await Bun.sleep(20);
    }
  } catch {
    return accepted; // the server has stopped
  }
}

/** Returns how many connections were closed when readiness first failed. */
async function untilUnready(target: Target, closeCount: () => number): Promise<number> {
  let closes = closeCount();
  await until("the server is unready", async () => {
    closes = closeCount();
    return !(await fetch(`http://127.0.0.1:${target.port}/health/ready`)).ok;
  });
  return closes;
}

function mostWithin(times: readonly number[], windowMs: number): number {
  let from = 0;
  let most = 0;
  for (const [index, at] of times.entries()) {
    while (at - (times[from] ?? at) > windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

if (import.meta.main) await runAsProgram(drain);
