/**
 * Asks again after each piece of news, one request at a time. A new request would discard the answer of the one in progress: with
 * slow answers and steady news no answer would ever be shown.
 */
export class InTurn {
  readonly #ask: () => Promise<unknown>;
  readonly #pauseMs: number;
  /** News came after the last request had begun. */
  #isBehind = false;
  #isRunning = false;
  #isStopped = false;

  /**
   * @param ask must not reject
   * @param pauseMs from the news to the request, for further news
   */
  constructor(ask: () => Promise<unknown>, pauseMs: number) {
    this.#ask = ask;
    this.#pauseMs = pauseMs;
  }

  news(): void {
    this.#isBehind = true;
    if (!this.#isRunning) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isBehind) {
      await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
      if (this.#isStopped) return;
      this.#isBehind = false;
      await this.#ask();
    }
    this.#isRunning = false;
  }
}
