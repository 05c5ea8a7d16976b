/**
 * Asks again after each piece of news, one request at a time. A new request would discard the answer of the one in progress: with
 * slow answers and steady news no answer would ever be shown.
 */
export class InTurn {
  readonly #ask: () => Promise<unknown>;
  readonly #pauseMs: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isAsking = false;
  /** News that the request in progress may not contain. */
  #isBehind = false;
  #isStopped = false;

  /** @param pauseMs from the news to the request, for further news */
  constructor(ask: () => Promise<unknown>, pauseMs: number) {
    this.#ask = ask;
    this.#pauseMs = pauseMs;
  }

  news(): void {
    if (this.#isAsking) this.#isBehind = true;
    else if (!this.#isStopped) this.#timer ??= setTimeout(() => void this.#askNow(), this.#pauseMs);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #askNow(): Promise<void> {
    this.#timer = null;
    this.#isAsking = true;
    this.#isBehind = false;
    try {
      await this.#ask();
    } finally {
      this.#isAsking = false;
      if (this.#isBehind) this.news();
    }
  }
}
