/** One watcher's stream of server-sent events: a bounded queue, which drops and counts rather than grow. */
import { ByteBudget } from "../core/byte-budget.ts";
import type { LiveEntry } from "./live-entry.ts";
import type { LiveGap, Watcher } from "./live-feed.ts";
import type { LiveFilter } from "./live-filter.ts";

/** The data of the last event of a stream, which says why it ends. */
export interface LiveEnd {
  readonly reason: "unauthorized" | "appDeleted" | "serverStopping";
}

const mebibyte = 1_048_576;
const queuedCharactersMax = mebibyte;
/** Every stream may have so many wait, however much waits in others. */
const freeCharacters = 16_384;

/** For the bytes that wait in all streams of an app, and of all apps. */
export function createQueueBudget(): ByteBudget {
  return new ByteBudget({ perApp: 8 * mebibyte, inAll: 64 * mebibyte });
}

export class LiveStream implements Watcher {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #appId: string;
  readonly #filter: LiveFilter;
  readonly #budget: ByteBudget;
  readonly #encoder = new TextEncoder();
  /** A stock EventSource comes back after this, in milliseconds. */
  #queue: string[] = ["retry: 1000\n\n"];
  #queuedCharacters = 0;
  /** Taken from the budget for them. */
  #queuedBytes = 0;
  /** While it is being asked whether the reader still may, nothing goes out. */
  #verdict: Promise<void> | null = null;
  #dropped = 0;
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** `onGone` runs once the reader is gone or the last event was read. */
  constructor(appId: string, filter: LiveFilter, budget: ByteBudget, onGone: () => void) {
    this.#appId = appId;
    this.#filter = filter;
    this.#budget = budget;
    this.readable = new ReadableStream(
      {
        pull: async (controller) => {
          if (this.#queue.length === 0 && !this.#isEnded) {
            await new Promise<void>((resolve) => {
              this.#wake = resolve;
            });
          }
          // Asked again and again, so long as there is somebody who asks.
          while (this.#verdict !== null) await this.#verdict;
          const text = this.#take();
          if (text !== "") controller.enqueue(this.#encoder.encode(text));
          if (!this.#isEnded) return;
          controller.close();
          onGone();
        },
        cancel: () => {
          this.#isEnded = true;
          this.#take();
          this.#wake();
          onGone();
        },
      },
      { highWaterMark: 1 },
    );
  }

  entry(entry: LiveEntry, json: string): void {
    if (this.#isEnded || !this.#filter(entry)) return;
    // Once one is dropped all are, until the reader has caught up: the gap is in one place.
    if (this.#dropped > 0 || !this.#hasRoom(json)) this.#dropped += 1;
    else this.#push(`id: ${entry.id}\nevent: activity\ndata: ${json}\n\n`);
  }

  gap(gap: LiveGap): void {
    this.#push(`event: gap\ndata: ${JSON.stringify(gap)}\n\n`);
  }

  /** Where the reader is, also in what the filter held back: the id to come back with. */
  position(id: string): void {
    this.#push(`id: ${id}\nevent: position\ndata: {}\n\n`);
  }

  /** Proxies and people see by it that the line is alive. */
  heartbeat(id: string): void {
    if (this.#queue.length === 0) this.position(id);
  }

  /** Nothing more goes out before the answer is there; one that is not null ends the stream, and what waits is gone. */
  holdUntil(answer: Promise<LiveEnd["reason"] | null>): void {
    const verdict = answer.then((reason) => {
      if (reason !== null) {
        this.#take();
        this.end(reason);
      }
      if (this.#verdict === verdict) this.#verdict = null;
    });
    this.#verdict = verdict;
  }

  end(reason: LiveEnd["reason"] = "serverStopping"): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#push(`event: end\ndata: ${JSON.stringify({ reason } satisfies LiveEnd)}\n\n`);
  }

  #hasRoom({ length }: string): boolean {
    if (this.#queuedCharacters < freeCharacters) return true;
    if (this.#queuedCharacters >= queuedCharactersMax) return false;
    if (!this.#budget.take(this.#appId, length * 2)) return false;
    this.#queuedBytes += length * 2;
    return true;
  }

  #push(text: string): void {
    this.#queue.push(text);
    this.#queuedCharacters += text.length;
    this.#wake();
  }

  /** All that waits, as one chunk; what was dropped after it is told at its end. */
  #take(): string {
    const text = this.#queue.join("");
    this.#queue = [];
    this.#queuedCharacters = 0;
    this.#budget.give(this.#appId, this.#queuedBytes);
    this.#queuedBytes = 0;
    if (this.#dropped === 0) return text;
    const gap: LiveGap = { dropped: this.#dropped, reason: "slow" };
    this.#dropped = 0;
    return `${text}event: gap\ndata: ${JSON.stringify(gap)}\n\n`;
  }
}
