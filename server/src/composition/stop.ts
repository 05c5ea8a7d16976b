/** The end of a server, in the order of what depends on what, and within a time that is known before. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Port } from "../transport/port.ts";
import type { Readiness } from "../transport/readiness.ts";

/** After `drainMs`: for the last sockets and requests to end, and for each step after them. */
const closingMs = 900;
const leavingMs = 200;
const webhooksMs = 500;
const savingMs = 400;

export interface StopParts {
  readonly readiness: Pick<Readiness, "draining">;
  readonly doors: readonly Pick<Port, "stopListening" | "stopNow">[];
  /** Ends the answers that have no end of their own. */
  readonly endStreams: () => void;
  /** Asks every socket to go elsewhere, over `drainMs`; resolves when all are gone. */
  readonly drain: () => Promise<void>;
  /** Tells the other nodes that this one is gone. */
  readonly leaveCluster: () => Promise<void>;
  readonly stopWebhooks: () => Promise<void>;
  readonly saveStatistics: () => Promise<void>;
  readonly closeDatabase: () => Promise<void>;
}

/** The longest that a stop takes. Supervisors must wait so long before they kill. */
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
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

  async function end(what: string, work: () => Promise<unknown>, deadline: Promise<void>): Promise<void> {
    const late = deadline.then(() => "late" as const);
    try {
      if ((await Promise.race([work(), late])) === "late")
        log.warn(`Cut off, as the time to stop is over: ${what}`);
    } catch (error) {
      log.warn({ err: error }, `Not stopped in order: ${what}`);
    }
  }

  return async function stop() {
    const { readiness, doors, endStreams, drain, leaveCluster } = parts;
    const { stopWebhooks, saveStatistics, closeDatabase } = parts;
    // Set at the beginning: what one step does not use is there for the next.
    const socketsGone = pause(drainGraceMs + drainMs + closingMs);
    const clusterLeft = pause(drainGraceMs + drainMs + closingMs + leavingMs);
    const webhooksDone = pause(drainGraceMs + drainMs + closingMs + leavingMs + webhooksMs);
    const allDone = pause(stopMsMax(config));
    readiness.draining();
    await pause(drainGraceMs);
    endStreams();
    const requestsEnd = Promise.all(doors.map((door) => door.stopListening()));
    await end("connections and requests", () => Promise.all([drain(), requestsEnd]), socketsGone);
    for (const door of doors) door.stopNow();
    await end("the cluster", leaveCluster, clusterLeft);
    await end("webhooks", stopWebhooks, webhooksDone);
    await end("statistics", saveStatistics, allDone);
    await end("the database", closeDatabase, allDone);
  };
}
