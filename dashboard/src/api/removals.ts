/**
 * Sends the page's requests, and keeps its reads away from what the page removes: they could only fail. A page polls at any
 * moment, also while the removal is in progress, and until it has left what was removed.
 */
import type { Problem } from "@soketify/admin";

/** Longer than a page needs to leave what was removed. */
const leftWithinMs = 1_000;
/** A removal does not wait longer for reads: a log-out must not depend on a slow answer. */
const readsWaitMs = 2_000;

/** Whether the removed thing contains the URL path. */
type Covers = (pathname: string) => boolean;

interface Removal {
  readonly covers: Covers;
  /** Whether the thing is gone; it resolves when the page has left it. */
  readonly outcome: Promise<boolean>;
  isDone: boolean;
}

export class Removals {
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #reads = new Set<{ readonly pathname: string; readonly settled: Promise<unknown> }>();
  #removals: readonly Removal[] = [];

  constructor(send: (request: Request) => Promise<Response> = (request) => fetch(request)) {
    this.#fetch = send;
  }

  /** A read of what is being removed waits: it is sent if the removal fails, and is answered with 404 if it succeeds. */
  readonly send = async (request: Request): Promise<Response> => {
    if (request.method !== "GET") return this.#change(request);
    const { pathname } = new URL(request.url);
    for (;;) {
      const removal = this.#removals.find(({ covers }) => covers(pathname));
      if (removal === undefined) break;
      if (await removal.outcome) return gone();
    }
    const answer = this.#fetch(request);
    const read = { pathname, settled: answer.catch(() => undefined) };
    this.#reads.add(read);
    void read.settled.then(() => this.#reads.delete(read));
    return answer;
  };

  /** Removes a thing as soon as no read of it is in progress. */
  async remove<Answer>(covers: Covers, act: () => Promise<Answer>): Promise<Answer> {
    const { promise: outcome, resolve } = Promise.withResolvers<boolean>();
    const removal: Removal = { covers, outcome, isDone: false };
    this.#removals = [...this.#removals, removal];
    const end = (isGone: boolean) => {
      this.#removals = this.#removals.filter((one) => one !== removal);
      resolve(isGone);
    };
    try {
      await this.#untilRead(covers);
      const answer = await act();
      removal.isDone = true;
      setTimeout(() => end(true), leftWithinMs);
      return answer;
    } catch (error) {
      end(false);
      throw error;
    }
  }

  /** Waits for the reads in progress, but not for long. */
  async #untilRead(covers: Covers): Promise<void> {
    const reads = [...this.#reads].filter(({ pathname }) => covers(pathname));
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, readsWaitMs);
    await Promise.race([late, Promise.all(reads.map(({ settled }) => settled))]);
    clearTimeout(timer);
  }

  async #change(request: Request): Promise<Response> {
    const answer = await this.#fetch(request);
    // A login, or a new thing with the same id: the next reads are of something else.
    if (answer.ok && request.method === "POST")
      this.#removals = this.#removals.filter(({ isDone }) => !isDone);
    return answer;
  }
}

function gone(): Response {
  const problem: Partial<Problem> = {
    status: 404,
    title: "Not found",
    code: "not_found",
    detail: "This was deleted",
  };
  return Response.json(problem, { status: 404, headers: { "content-type": "application/problem+json" } });
}
