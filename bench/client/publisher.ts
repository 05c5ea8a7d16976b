/** Publishes through the signed HTTP API at a fixed rate, even if the server does not keep up (open loop). */
import { HttpLine } from "./http-line.ts";
import { type App, signedRequest } from "./signature.ts";
import { nowMicros, stampedPayload } from "./stamp.ts";

export interface Publishing {
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly payloadBytes: number;
  /** The channel of each event, by its sequence number. */
  channelOf(sequence: number): string;
}

export interface Published {
  /** Events that the server answered with 200. */
  readonly accepted: number;
  readonly seconds: number;
}

/** An event that is not sent this long after its scheduled time counts as not sent. */
const graceSeconds = 0.25;

export class Publisher {
  readonly #app: App;
  readonly #idle: HttpLine[];
  readonly #all: readonly HttpLine[];
  #sequence = 0;

  private constructor(app: App, lines: readonly HttpLine[]) {
    this.#app = app;
    this.#all = lines;
    this.#idle = [...lines];
  }

  static async connect(app: App, port: number, connections: number, host?: string): Promise<Publisher> {
    const lines = await Promise.all(Array.from({ length: connections }, () => HttpLine.connect(port, host)));
    return new Publisher(app, lines);
  }

  /** The number of events started so far, which is the sequence number of the next event. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * Stops after `seconds`, and resolves when all requests under way are answered. An event that found no free connection
   * counts as not sent. Latency is measured from the scheduled time of an event.
   */
  async publish({ eventsPerSecond, seconds, payloadBytes, channelOf }: Publishing): Promise<Published> {
    const total = Math.round(eventsPerSecond * seconds);
    const began = performance.now();
    const ended = Promise.withResolvers<void>();
    const queue: string[] = [];
    let handedOut = 0;
    let accepted = 0;
    const endWhenAnswered = (): void => {
      if (handedOut === total && this.#idle.length === this.#all.length) ended.resolve();
    };
    const sendQueued = (): void => {
      while (queue.length > 0) {
        const line = this.#idle.pop();
        const body = line === undefined ? undefined : queue.shift();
        if (line === undefined || body === undefined) return;
        const answered = line.send(signedRequest(this.#app, "POST", "/events", body));
        // A request that the server ended without an answer does not count as accepted.
        void answered
          .then(
            ({ status }) => status === 200,
            () => false,
          )
          .then((isAccepted) => {
            this.#idle.push(line);
            if (isAccepted) accepted += 1;
            sendQueued();
            endWhenAnswered();
          });
      }
    };
    const turn = (): void => {
      const elapsed = (performance.now() - began) / 1000;
      if (elapsed > seconds + graceSeconds) {
        this.#sequence -= queue.length;
        handedOut = total;
        queue.length = 0;
        endWhenAnswered();
        return;
      }
      const due = Math.min(total, Math.floor(elapsed * eventsPerSecond) + 1);
      for (; handedOut < due; handedOut += 1) {
        queue.push(
          eventBody(channelOf(this.#sequence), stampedPayload(payloadBytes, this.#sequence, nowMicros())),
        );
        this.#sequence += 1;
      }
      sendQueued();
      if (handedOut < total || queue.length > 0) setTimeout(turn, 1);
    };
    turn();
    await ended.promise;
    return { accepted, seconds: (performance.now() - began) / 1000 };
  }

  close(): void {
    for (const line of this.#all) line.close();
  }
}

/** `data` must be the last member, because the floor sends the body unchanged as the frame. */
export function eventBody(channel: string, data: string): string {
  return `{"name":"bench","channel":${JSON.stringify(channel)},"data":${JSON.stringify(data)}}`;
}
