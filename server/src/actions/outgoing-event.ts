/** An event for one or several channels. The part that its frames share is encoded once, when a frame is first read. */
import type { LineEvent } from "../core/ports/line.ts";
import { eventEncoder } from "../protocol/server-message.ts";

export class OutgoingEvent {
  readonly name: string;
  readonly data: string;
  readonly userId: string | null;
  readonly exceptSocketId: string | null;
  #encode: ((channel: string) => string) | null = null;

  constructor(name: string, data: string, userId: string | null, exceptSocketId: string | null) {
    this.name = name;
    this.data = data;
    this.userId = userId;
    this.exceptSocketId = exceptSocketId;
  }

  to(channel: string): LineEvent {
    return new EventForChannel(this, channel);
  }

  encodeFor(channel: string): string {
    this.#encode ??= eventEncoder(this.name, this.data, this.userId);
    return this.#encode(channel);
  }
}

class EventForChannel implements LineEvent {
  readonly #event: OutgoingEvent;
  readonly #channel: string;
  #frame: string | null = null;

  constructor(event: OutgoingEvent, channel: string) {
    this.#event = event;
    this.#channel = channel;
  }

  get frame(): string {
    this.#frame ??= this.#event.encodeFor(this.#channel);
    return this.#frame;
  }

  get exceptSocketId(): string | null {
    return this.#event.exceptSocketId;
  }

  get userId(): string | null {
    return this.#event.userId;
  }
}
