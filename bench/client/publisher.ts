/** Publishes through the signed HTTP API at a fixed rate, even if the server does not keep up (open loop). */

import type { Target } from "../target/target.ts";
import { HttpLine } from "./http-line.ts";
import { signedRequest } from "./signature.ts";
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

/** The server that gets the events. */
type Destination = Pick<Target, "app" | "host" | "port" | "dialect" | "isTls">;

interface Event {
  readonly channel: string;
  readonly data: string;
}

/** An event that is not sent this long after its scheduled time counts as not sent. */
const graceSeconds = 0.25;

export class Publisher {
  readonly #target: Destination;
  readonly #idle: HttpLine[];
  readonly #all: readonly HttpLine[];
  #sequence = 0;

  private constructor(target: Destination, lines: readonly HttpLine[]) {
    this.#target = target;
    this.#all = lines;
    this.#idle = [...lines];
  }

  static async connect(target: Destination, connections: number): Promise<Publisher> {
    const { port, host, isTls } = target;
    const lines = await Promise.all(
      Array.from({ length: connections }, () => HttpLine.connect(port, host, isTls)),
    );
    return new Publisher(target, lines);
  }

  /** The number of events started so far, which is the sequence number of the next event. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * Stops after `seconds`, and resolves when all requests under way are answered. An event for which no connection was free
   * counts as not sent. Latency is measured from the scheduled time of an event.
   */
  async publish({ eventsPerSecond, seconds, payloadBytes, channelOf }: Publishing): Promise<Published> {
    const total = Math.round(eventsPerSecond * seconds);
    const began = performance.now();
    const ended = Promise.withResolvers<void>();
    const queue: Event[] = [];
    let handedOut = 0;
    let accepted = 0;
    const endWhenAnswered = (): void => {
      if (handedOut === total && this.#idle.length === this.#all.length) ended.resolve();
    };
    const sendQueued = (): void => {
      while (queue.length > 0) {
        const line = this.#idle.pop();
        const event = line === undefined ? undefined : queue.shift();
        if (line === undefined || event === undefined) return;
        const answered = line.send(publishRequest(this.#target, event.channel, event.data));
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
        queue.push({
          channel: channelOf(this.#sequence),
          data: stampedPayload(payloadBytes, this.#sequence, nowMicros()),
        });
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

/** A complete HTTP request that publishes the event. */
export function publishRequest({ app, dialect }: Destination, channel: string, data: string): string {
  return dialect?.publish(channel, data) ?? signedRequest(app, "POST", "/events", eventBody(channel, data));
}

/** `data` must be the last member, because the floor sends the body unchanged as the frame. */
export function eventBody(channel: string, data: string): string {
  return `{"name":"bench","channel":${JSON.stringify(channel)},"data":${JSON.stringify(data)}}`;
}
