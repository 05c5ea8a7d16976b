/** A database server that a test can stop, restart and freeze. */
import { rm } from "node:fs/promises";
import { until } from "../until.ts";
import { untilInputEnds } from "./until-input-ends.ts";

export class DatabaseProcess {
  readonly url: string;
  readonly #folder: string;
  readonly #command: string[];
  readonly #ask: () => Promise<unknown>;
  readonly #isShared: boolean;
  #child: Bun.Subprocess<"ignore" | "pipe", "ignore", "ignore"> | null = null;

  /**
   * @param ask rejects until the server answers
   * @param isShared whether the test files of this process use it one after another. It ends, and its data is deleted, with this
   *   process.
   */
  constructor(url: string, folder: string, command: string[], ask: () => Promise<unknown>, isShared = false) {
    this.url = url;
    this.#folder = folder;
    this.#command = isShared ? untilInputEnds(folder, command) : command;
    this.#ask = ask;
    this.#isShared = isShared;
  }

  /** Starts again after a stop, with the same data and port. @throws if it does not answer; then it is stopped */
  async start(): Promise<void> {
    try {
      await this.#begin();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const input = this.#isShared ? "pipe" : "ignore";
    const child = Bun.spawn(this.#command, { cwd: "/", stdio: [input, "ignore", "ignore"] });
    this.#child = child;
    await until(`an answer from ${this.#command.join(" ")}`, async () => {
      if (child.exitCode !== null) throw new Error(`${this.#command.join(" ")} ended with ${child.exitCode}`);
      return this.#ask().then(
        () => true,
        () => false,
      );
    });
  }

  /** Sends it a signal, such as SIGSTOP to freeze it. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Stops immediately, like a crash: all connections are lost. */
  async stop(): Promise<void> {
    // PostgreSQL's children outlive a killed parent and would keep the port, so it gets the signal for an immediate
    // shutdown.
    this.#child?.kill("SIGCONT");
    this.#child?.kill("SIGQUIT");
    await this.#child?.exited;
    this.#child = null;
  }

  /** Stops it and deletes its folder. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }
}
