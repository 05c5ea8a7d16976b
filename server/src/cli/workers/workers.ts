/** The workers of `soketify start --workers N`: nodes of one cluster that listen on one port of this machine. */
import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "../../config/config.ts";
import type { ListeningServer } from "../server-port.ts";
import { workerConfig } from "./worker-config.ts";
import { type Listening, WorkerProcess } from "./worker-process.ts";

export class Workers implements ListeningServer {
  /** Never resolves: each worker detects and logs by itself that it must not run. */
  readonly unfit = new Promise<never>(() => undefined);
  readonly #config: Config;
  readonly #workers: readonly WorkerProcess[];
  #isStopping = false;
  #facts: Listening | null = null;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    const worker = { ownerToken: randomBytes(24).toString("hex"), supervisorPid: process.pid };
    this.#workers = Array.from(
      { length: config.workers },
      (_, index) => new WorkerProcess({ config: workerConfig(config, index), worker }, log),
    );
  }

  get url() {
    return this.#facts?.url ?? "";
  }

  get dashboardUrl() {
    return this.#facts?.dashboardUrl ?? null;
  }

  get setupUrl() {
    return this.#facts?.setupUrl ?? null;
  }

  get firstApp() {
    return this.#facts?.firstApp ?? null;
  }

  /**
   * Starts one worker, which prepares the database, and then the others.
   * @throws if a port is in use, or a worker ends before it listens
   */
  async start(): Promise<void> {
    requireFreePorts(this.#config);
    const [first, ...others] = this.#workers;
    if (first === undefined) return;
    this.#facts = await this.#begin(first);
    await Promise.all(others.map((worker) => this.#begin(worker)));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#workers.map((worker) => worker.stop("SIGTERM")));
  }

  stopNow(): void {
    this.#isStopping = true;
    for (const worker of this.#workers) void worker.stop("SIGQUIT");
  }

  async reloadTls(): Promise<void> {
    for (const worker of this.#workers) worker.reloadTls();
  }

  async #begin(worker: WorkerProcess): Promise<Listening> {
    const facts = this.#isStopping ? null : await worker.start();
    if (facts !== null) return facts;
    // During a stop, `stop()` decides when the process ends.
    if (this.#isStopping) return new Promise(() => undefined);
    throw new Error(`the worker ${worker.name} ended; its log contains the reason`);
  }
}

/** Workers share their ports, so they would also share one with another server of the same user. */
function requireFreePorts({ host, port, dashboardPort }: Config): void {
  for (const one of [port, dashboardPort])
    if (one !== null && one !== 0)
      Bun.serve({ hostname: host, port: one, fetch: () => new Response() }).stop(true);
}
