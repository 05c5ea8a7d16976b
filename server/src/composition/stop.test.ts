import { expect, test } from "bun:test";
import { pino } from "pino";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { loadConfig } from "../config/load-config.ts";
import { createStop, type StopParts, stopMsMax } from "./stop.ts";

/** The time that `docker stop` gives a container, minus two seconds for the process on a busy machine. */
const dockerPatienceMs = 8_000;
const never = () => new Promise<never>(() => undefined);

function stage(changes: Partial<StopParts> = {}) {
  const clock = new FakeClock();
  const steps: string[] = [];
  const warnings: string[] = [];
  const write = (line: string) => void warnings.push((JSON.parse(line) as { msg: string }).msg);
  const step = (name: string) => async () => void steps.push(name);
  const door = { stopListening: step("doors closed"), stopNow: () => void steps.push("doors cut") };
  const stop = createStop(
    { drainGraceMs: 2_000, drainMs: 5_000 },
    {
      readiness: { draining: () => void steps.push("unready") },
      doors: [door],
      endStreams: () => void steps.push("streams ended"),
      drain: step("sockets drained"),
      leaveCluster: step("cluster"),
      stopWebhooks: step("webhooks"),
      saveStatistics: step("statistics"),
      sendTelemetry: async () => undefined,
      closeDatabase: step("database"),
      ...changes,
    },
    clock,
    pino({ level: "warn" }, { write }),
  );
  /** Advances the clock in small steps until the stop has ended. Returns how much time passed. */
  async function run(): Promise<number> {
    const startedAtMs = clock.now();
    let isStopped = false;
    const stopped = stop().then(() => {
      isStopped = true;
    });
    while (!isStopped) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stopped;
    return clock.now() - startedAtMs;
  }
  return { run, steps, warnings };
}

test("a stop ends ports, sockets, webhooks, statistics and the database, in this order", async () => {
  const { run, steps, warnings } = stage();
  await run();
  const doors = ["unready", "streams ended", "doors closed", "sockets drained", "doors cut"];
  expect(steps).toEqual([...doors, "cluster", "webhooks", "statistics", "database"]);
  expect(warnings).toEqual([]);
});

test("a step that hangs is aborted, later steps still run, and the stop ends within its maximum time", async () => {
  const { run, steps, warnings } = stage({
    drain: never,
    leaveCluster: never,
    stopWebhooks: never,
    closeDatabase: never,
  });
  expect(await run()).toBeLessThanOrEqual(stopMsMax({ drainGraceMs: 2_000, drainMs: 5_000 }));
  expect(steps).toEqual(["unready", "streams ended", "doors closed", "doors cut", "statistics"]);
  const cutOff = "Stopping timed out, so this was aborted:";
  expect(warnings).toEqual([
    `${cutOff} connections and requests`,
    `${cutOff} the cluster`,
    `${cutOff} webhooks`,
    `${cutOff} the database`,
  ]);
});

test("webhooks have their own time, even if leaving the cluster hangs", async () => {
  const stopWebhooks = () => new Promise<void>((resolve) => setImmediate(resolve));
  const { run, warnings } = stage({ leaveCluster: never, stopWebhooks });
  await run();
  expect(warnings).toEqual(["Stopping timed out, so this was aborted: the cluster"]);
});

test("a receiver of traces that does not answer leaves the time to close the database", async () => {
  const closeDatabase = () => new Promise<void>((resolve) => setImmediate(resolve));
  const { run, warnings } = stage({ sendTelemetry: never, closeDatabase });
  await run();
  expect(warnings).toEqual(["Stopping timed out, so this was aborted: traces and metrics over OTLP"]);
});

test("a failed step is logged, and later steps still run", async () => {
  const fails = () => Promise.reject(new Error("away"));
  const { run, steps, warnings } = stage({ stopWebhooks: fails, saveStatistics: fails });
  await run();
  expect(steps).toContain("database");
  expect(warnings).toEqual(["Stopping failed: webhooks", "Stopping failed: statistics"]);
});

test("steps that end quickly do not wait for the deadline", async () => {
  expect(await stage().run()).toBeLessThan(3_000);
});

test("with its defaults a server has stopped before `docker stop` kills it", () => {
  const machine = { env: {}, descriptorsMax: 20_000, memoryBytes: 2 ** 30 };
  const { config } = loadConfig({ flags: {}, machine, folder: "/nowhere" });
  expect(stopMsMax(config)).toBeLessThanOrEqual(dockerPatienceMs);
});
