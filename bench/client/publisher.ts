/** Publishes through the signed HTTP API at a set rate, whether or not the server keeps up (open loop). */
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
  /** Events that were answered 200. */
  readonly accepted: number;
  readonly seconds: number;
}

export class Publisher {
  readonly #app: App;
  readonly #idle: HttpLine[];
  readonly #all: readonly HttpLine[];
  readonly #queue: string[] = [];
  #sequence = 0;

  private constructor(app: App, lines: readonly HttpLine[]) {
    this.#app = app;
    this.#all = lines;
    this.#idle = [...lines];
  }

  static async connect(app: App, port: number, connections: number): Promise<Publisher> {
    const lines = await Promise.all(Array.from({ length: connections }, () => HttpLine.connect(port)));
    return new Publisher(app, lines);
  }

  /** Events handed out so far: the next one has this sequence number. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Ends when the last event is answered. An event's latency counts from the moment its turn has come. */
  async publish(publishing: Publishing): Promise<Published> {
    const total = Math.round(publishing.eventsPerSecond * publishing.seconds);
    const began = performance.now();
    const done = Promise.withResolvers<void>();
    let handedOut = 0;
    let answered = 0;
    let accepted = 0;
    const onAnswer = (status: number): void => {
      answered += 1;
      if (status === 200) accepted += 1;
      if (answered === total) done.resolve();
    };
    const turn = (): void => {
      const due = Math.min(
        total,
        Math.floor(((performance.now() - began) / 1000) * publishing.eventsPerSecond) + 1,
      );
      for (; handedOut < due; handedOut += 1) this.#queue.push(this.#event(publishing));
      this.#sendQueued(onAnswer, done.reject);
      if (handedOut < total) setTimeout(turn, 1);
    };
    turn();
    await done.promise;
    return { accepted, seconds: (performance.now() - began) / 1000 };
  }

  close(): void {
    for (const line of this.#all) line.close();
  }

  #event({ payloadBytes, channelOf }: Publishing): string {
    const channel = channelOf(this.#sequence);
    const data = stampedPayload(payloadBytes, this.#sequence, nowMicros());
    this.#sequence += 1;
    return eventBody(channel, data);
  }

  #sendQueued(onAnswer: (status: number) => void, onError: (error: Error) => void): void {
    while (this.#queue.length > 0) {
      const line = this.#idle.pop();
      const body = line === undefined ? undefined : this.#queue.shift();
      if (line === undefined || body === undefined) return;
      line.send(signedRequest(this.#app, "POST", "/events", body)).then(({ status }) => {
        this.#idle.push(line);
        onAnswer(status);
        this.#sendQueued(onAnswer, onError);
      }, onError);
    }
  }
}

/** `data` comes last, which the floor relies on: it sends the body as the frame. */
export function eventBody(channel: string, data: string): string {
  return `{"name":"bench","channel":${JSON.stringify(channel)},"data":${JSON.stringify(data)}}`;
}
