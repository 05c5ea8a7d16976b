/** One watcher's stream of server-sent events: a bounded queue, which drops and counts rather than grow. */
import type { LiveEntry } from "./live-entry.ts";
import type { LiveGap, Watcher } from "./live-feed.ts";
import type { LiveFilter } from "./live-filter.ts";

/** The data of the last event of a stream, which says why it ends. */
export interface LiveEnd {
  readonly reason: "unauthorized" | "appDeleted" | "serverStopping";
}

const queuedCharactersMax = 1_048_576;

export class LiveStream implements Watcher {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #filter: LiveFilter;
  readonly #encoder = new TextEncoder();
  /** A stock EventSource comes back after this, in milliseconds. */
  #queue: string[] = ["retry: 1000\n\n"];
  #queuedCharacters = 0;
  #dropped = 0;
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** `onGone` runs once the reader is gone or the last event was read. */
  constructor(filter: LiveFilter, onGone: () => void) {
    this.#filter = filter;
    this.readable = new ReadableStream(
      {
        pull: async (controller) => {
          if (this.#queue.length === 0 && !this.#isEnded) {
            await new Promise<void>((resolve) => {
              this.#wake = resolve;
            });
          }
          const text = this.#take();
          if (text !== "") controller.enqueue(this.#encoder.encode(text));
          if (!this.#isEnded) return;
          controller.close();
          onGone();
        },
        cancel: () => {
          this.#isEnded = true;
          this.#wake();
          onGone();
        },
      },
      { highWaterMark: 1 },
    );
  }

  entry(entry: LiveEntry): void {
    if (this.#isEnded || !this.#filter(entry)) return;
    // Once one is dropped all are, until the reader has caught up: the gap is in one place.
    if (this.#dropped > 0 || this.#queuedCharacters >= queuedCharactersMax) this.#dropped += 1;
    else this.#push(`id: ${entry.id}\nevent: activity\ndata: ${JSON.stringify(entry)}\n\n`);
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

  end(reason: LiveEnd["reason"] = "serverStopping"): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#push(`event: end\ndata: ${JSON.stringify({ reason } satisfies LiveEnd)}\n\n`);
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
    if (this.#dropped === 0) return text;
    const gap: LiveGap = { dropped: this.#dropped, reason: "slow" };
    this.#dropped = 0;
    return `${text}event: gap\ndata: ${JSON.stringify(gap)}\n\n`;
  }
}
