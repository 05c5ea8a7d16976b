/**
 * Sends the page's requests, and keeps its reads away from what the page removes: they could only fail. A page polls at any
 * moment, also while the removal is in progress, and until it has left what was removed.
 */
import type { Problem } from "@soketify/admin";

/** Longer than a page needs to leave what was removed. */
const leftWithinMs = 1_000;

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
  /** The reads in progress, with their URL paths. */
  readonly #reads = new Map<AbortController, string>();
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
      if (removal === undefined) {
        const answer = await this.#read(request, pathname);
        if (answer !== null) return answer;
      } else if (await removal.outcome) return gone();
    }
  };

  /** Removes a thing. Reads of it that are in progress are stopped: they wait like later ones. */
  async remove<Answer>(covers: Covers, act: () => Promise<Answer>): Promise<Answer> {
    const { promise: outcome, resolve } = Promise.withResolvers<boolean>();
    const removal: Removal = { covers, outcome, isDone: false };
    this.#removals = [...this.#removals, removal];
    for (const [read, pathname] of this.#reads) if (covers(pathname)) read.abort();
    const end = (isGone: boolean) => {
      this.#removals = this.#removals.filter((one) => one !== removal);
      resolve(isGone);
    };
    try {
      const answer = await act();
      removal.isDone = true;
      setTimeout(() => end(true), leftWithinMs);
      return answer;
    } catch (error) {
      end(false);
      throw error;
    }
  }

  /** Null: a removal stopped it. */
  async #read(request: Request, pathname: string): Promise<Response | null> {
    const read = new AbortController();
    this.#reads.set(read, pathname);
    try {
      return await this.#fetch(new Request(request, { signal: read.signal }));
    } catch (error) {
      if (read.signal.aborted) return null;
      throw error;
    } finally {
      this.#reads.delete(read);
    }
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
