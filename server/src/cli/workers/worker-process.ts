/** One worker of `soketify start --workers N`: a process that is started again whenever it dies. */
import type { Logger } from "pino";
import type { Config } from "../../config/config.ts";
import type { ListeningServer, Worker } from "../server-port.ts";

/** The first message to a new worker. */
export interface WorkerTask {
  readonly config: Config;
  readonly worker: Worker;
}

/** The message of a worker that listens. */
export type Listening = Pick<ListeningServer, "url" | "dashboardUrl" | "setupUrl" | "firstApp">;

const pauseMsMin = 200;
const pauseMsMax = 30_000;
/** A worker that ran this long is started again after the shortest pause. */
const steadyMs = 60_000;

/** The hidden flag of `soketify start` in a worker. */
export const workerFlag = "--worker";

export class WorkerProcess {
  readonly #task: WorkerTask;
  readonly #log: Logger;
  readonly #stopping = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #isStopping = false;
  #process: Bun.Subprocess | null = null;
  #listening: Promise<unknown> = Promise.resolve();

  constructor(task: WorkerTask, log: Logger) {
    this.#task = task;
    this.#log = log;
  }

  get name(): string {
    return this.#task.config.nodeName ?? "";
  }

  /**
   * Starts the worker. Resolves when it listens; from then on it is started again whenever it dies.
   * @returns null if it ended before
   */
  async start(): Promise<Listening | null> {
    const { running, listening } = this.#run();
    const facts = await Promise.race([listening, running.exited.then(() => null)]);
    if (facts === null) this.#ended.resolve();
    else void this.#keep(running);
    return facts;
  }

  /** Resolves when the process has ended. It is not started again. */
  stop(signal: NodeJS.Signals): Promise<void> {
    this.#isStopping = true;
    this.#stopping.resolve();
    if (this.#process === null) this.#ended.resolve();
    this.#process?.kill(signal);
    return this.#ended.promise;
  }

  /** Makes the worker load its certificate again, once it listens: a process that still starts would end by the signal. */
  reloadTls(): void {
    const reloading = this.#process;
    void this.#listening.then(() => reloading?.kill("SIGHUP"));
  }

  #run() {
    const listening = Promise.withResolvers<Listening>();
    const running = Bun.spawn([...thisProgram(), "start", workerFlag], {
      stdio: ["ignore", "inherit", "inherit"],
      env: process.env,
      ipc: (message) => listening.resolve(message as Listening),
    });
    running.send(this.#task);
    this.#process = running;
    this.#listening = listening.promise;
    this.#log.info({ worker: this.name, pid: running.pid }, "Worker started");
    return { running, listening: listening.promise };
  }

  async #keep(first: Bun.Subprocess): Promise<void> {
    let pauseMs: number | null = null;
    for (let running = first; ; running = this.#run().running) {
      const startedAtMs = performance.now();
      await running.exited;
      if (this.#isStopping) break;
      pauseMs = restartPauseMs(pauseMs, performance.now() - startedAtMs);
      const { exitCode, signalCode } = running;
      const facts = { worker: this.name, exitCode, signal: signalCode };
      this.#log.error(facts, `A worker died. It is started again in ${pauseMs} ms`);
      await Promise.race([Bun.sleep(pauseMs), this.#stopping.promise]);
      if (this.#isStopping) break;
    }
    this.#ended.resolve();
  }
}

/**
 * The pause before a restart. It doubles while the worker keeps dying.
 * @param previousMs the pause before the previous restart; null: there was none
 * @param ranMs how long the worker ran
 */
export function restartPauseMs(previousMs: number | null, ranMs: number): number {
  return previousMs === null || ranMs >= steadyMs ? pauseMsMin : Math.min(2 * previousMs, pauseMsMax);
}

/** A compiled program contains its script; elsewhere the runtime gets it as the first argument. */
function thisProgram(): string[] {
  const isCompiled = /^(\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/.test(Bun.main);
  return isCompiled ? [process.execPath] : [process.execPath, Bun.main];
}
