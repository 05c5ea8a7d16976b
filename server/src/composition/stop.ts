/** Stops a server: in the order of dependencies and within a known time. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { pause } from "../core/pause.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Port } from "../transport/port.ts";
import type { Readiness } from "../transport/readiness.ts";

/** The time after `drainMs` for the last sockets and requests, and for each step after them. */
const closingMs = 900;
const leavingMs = 200;
const webhooksMs = 500;
const savingMs = 400;

export interface StopParts {
  readonly readiness: Pick<Readiness, "draining">;
  readonly doors: readonly Pick<Port, "stopListening" | "stopNow">[];
  /** Ends streaming responses. */
  readonly endStreams: () => void;
  /** Closes all sockets over `drainMs`, so that clients reconnect elsewhere. Resolves when all are closed. */
  readonly drain: () => Promise<void>;
  /** Leaves the cluster. */
  readonly leaveCluster: () => Promise<void>;
  readonly stopWebhooks: () => Promise<void>;
  readonly saveStatistics: () => Promise<void>;
  /** Sends the spans and metrics that wait. */
  readonly sendTelemetry: () => Promise<void>;
  readonly closeDatabase: () => Promise<void>;
}

/** The maximum duration of a stop. A supervisor must wait this long before it kills the process. */
export function stopMsMax({ drainGraceMs, drainMs }: Pick<Config, "drainGraceMs" | "drainMs">): number {
  return drainGraceMs + drainMs + closingMs + leavingMs + webhooksMs + savingMs;
}

export function createStop(
  config: Pick<Config, "drainGraceMs" | "drainMs">,
  parts: StopParts,
  clock: Clock,
  log: Logger,
): () => Promise<void> {
  const { drainGraceMs, drainMs } = config;

  async function end(what: string, work: () => Promise<unknown>, deadline: Promise<void>): Promise<void> {
    const late = deadline.then(() => "late" as const);
    try {
      if ((await Promise.race([work(), late])) === "late")
        log.warn(`Stopping timed out, so this was aborted: ${what}`);
    } catch (error) {
      log.warn({ err: error }, `Stopping failed: ${what}`);
    }
  }

  return async function stop() {
    const { readiness, doors, endStreams, drain, leaveCluster } = parts;
    const { stopWebhooks, saveStatistics, sendTelemetry, closeDatabase } = parts;
    // The deadlines are set at the beginning, so time that one step does not use is left for the next.
    const socketsGone = pause(clock, drainGraceMs + drainMs + closingMs);
    const clusterLeft = pause(clock, drainGraceMs + drainMs + closingMs + leavingMs);
    const webhooksDone = pause(clock, drainGraceMs + drainMs + closingMs + leavingMs + webhooksMs);
    const allDone = pause(clock, stopMsMax(config));
    readiness.draining();
    await pause(clock, drainGraceMs);
    endStreams();
    const requestsEnd = Promise.all(doors.map((door) => door.stopListening()));
    await end("connections and requests", () => Promise.all([drain(), requestsEnd]), socketsGone);
    for (const door of doors) door.stopNow();
    await end("the cluster", leaveCluster, clusterLeft);
    await end("webhooks", stopWebhooks, webhooksDone);
    // A receiver that does not answer must not take the time in which the database is closed.
    const telemetrySent = end("traces and metrics over OTLP", sendTelemetry, allDone);
    await end("statistics", saveStatistics, allDone);
    await end("the database", closeDatabase, allDone);
    await telemetrySent;
  };
}
