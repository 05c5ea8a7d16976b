/** Limits the live streams of one person or token, of one app, and of the node. */
import { Refusal } from "../core/refusal.ts";

export interface WatchedStream {
  /** The watching person or token, such as `token 7f3a`, and a display name. */
  readonly holder: string;
  readonly holderName: string;
  readonly appId: string;
  /** Checks the watcher's permission again; nothing is sent until the result. */
  recheck(): void;
}

export interface StreamsMax {
  readonly perHolder: number;
  readonly perApp: number;
  readonly inAll: number;
}

const streamsMax: StreamsMax = { perHolder: 10, perApp: 100, inAll: 500 };

export class StreamLimits {
  readonly #max: StreamsMax;
  readonly #streams = new Set<WatchedStream>();

  constructor(max: StreamsMax = streamsMax) {
    this.#max = max;
  }

  /** Adds a stream. Returns a function that removes it. @throws Refusal `too_many_watchers` */
  add(stream: WatchedStream): () => void {
    const { perHolder, perApp, inAll } = this.#max;
    if (this.#count((one) => one.holder === stream.holder) >= perHolder)
      throw full(`${stream.holderName} has ${perHolder} live streams open here: close one of them first`);
    if (this.#count((one) => one.appId === stream.appId) >= perApp)
      throw full(
        `App ${stream.appId} has ${perApp} live streams open here: try again when one of them has ended`,
      );
    if (this.#streams.size >= inAll)
      throw full(`The server has ${inAll} live streams open: try again when one of them has ended`);
    this.#streams.add(stream);
    return () => void this.#streams.delete(stream);
  }

  /** Call it when a person or token may have lost a permission. */
  recheck(): void {
    for (const stream of this.#streams) stream.recheck();
  }

  #count(isCounted: (stream: WatchedStream) => boolean): number {
    let count = 0;
    for (const stream of this.#streams) if (isCounted(stream)) count += 1;
    return count;
  }
}

function full(message: string): Refusal {
  return new Refusal("too_many_watchers", message);
}
