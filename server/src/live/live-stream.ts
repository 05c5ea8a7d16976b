/**
 * One watcher's stream of server-sent events. Its queue is limited: entries beyond the limit are dropped and counted.
 */
import { ByteBudget } from "../core/limits/byte-budget.ts";
import type { LiveEntry } from "./live-entry.ts";
import type { LiveGap, Watcher } from "./live-feed.ts";
import type { LiveFilter } from "./live-filter.ts";

/** The data of a stream's last event: why it ends. */
export interface LiveEnd {
  readonly reason: "unauthorized" | "appDeleted" | "serverStopping";
}

/** The data of a position: the time of the server (ISO 8601). All later entries are on this stream. */
export interface LivePosition {
  readonly at: string;
}

const mebibyte = 1_048_576;
const queuedCharactersMax = mebibyte;
/** The queue that every stream may have, regardless of other streams. */
const freeCharacters = 16_384;

/** Limits the queued bytes of all streams of an app, and of all apps. */
export function createQueueBudget(): ByteBudget {
  return new ByteBudget({ perApp: 8 * mebibyte, inAll: 64 * mebibyte });
}

export class LiveStream implements Watcher {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #appId: string;
  readonly #filter: LiveFilter;
  readonly #budget: ByteBudget;
  readonly #encoder = new TextEncoder();
  /** A stock EventSource reconnects after this time, in milliseconds. */
  #queue: string[] = ["retry: 1000\n\n"];
  #queuedCharacters = 0;
  /** The bytes of the queue that were taken from the budget. */
  #queuedBytes = 0;
  /** Resolves when the permission check is done; nothing is sent before. Null: no check is running. */
  #verdict: Promise<void> | null = null;
  #dropped = 0;
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** @param onGone called once the reader has disconnected or has read the last event */
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
          // A new check may start while waiting for this one.
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
    // After a dropped entry all are dropped until the reader has caught up, so that there is only one gap.
    if (this.#dropped > 0 || !this.#hasRoom(json)) this.#dropped += 1;
    else this.#push(`id: ${entry.id}\nevent: activity\ndata: ${json}\n\n`);
  }

  gap(gap: LiveGap): void {
    this.#push(`event: gap\ndata: ${JSON.stringify(gap)}\n\n`);
  }

  /** Sends the id with which the reader can reconnect, even if the filter excluded that entry, and the time. */
  position(id: string, nowMs: number): void {
    const at = new Date(nowMs).toISOString();
    this.#push(`id: ${id}\nevent: position\ndata: ${JSON.stringify({ at } satisfies LivePosition)}\n\n`);
  }

  /** Shows proxies and readers that the connection is alive. */
  heartbeat(id: string, nowMs: number): void {
    if (this.#queue.length === 0) this.position(id, nowMs);
  }

  /**
   * Sends nothing until the answer is there. If it is not null, the stream ends with this reason and its queue is
   * discarded.
   */
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

  /** Takes the queue as one chunk, followed by a gap if entries were dropped. */
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
