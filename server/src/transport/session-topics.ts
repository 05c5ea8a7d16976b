/** The runtime's topics, and beside them the same topics for clients without WebSocket. */
import type { Socket } from "../core/connection.ts";
import type { RuntimeTopics } from "../core/node-topics.ts";

/** Receives the frames of its topics, each encoded as a JSON text of this many bytes. */
export interface TopicReader extends Socket {
  sendJson(json: string, bytes: number): void;
}

export class SessionTopics implements RuntimeTopics {
  readonly #native: RuntimeTopics;
  readonly #readers = new Map<string, Set<TopicReader>>();

  constructor(native: RuntimeTopics) {
    this.#native = native;
  }

  publish(topic: string, frame: string): void {
    this.#native.publish(topic, frame);
    if (this.#readers.size > 0) this.#send(topic, frame, null);
  }

  publishExcept(topic: string, frame: string, socket: Socket): void {
    this.#native.publishExcept(topic, frame, socket);
    if (this.#readers.size > 0) this.#send(topic, frame, socket);
  }

  subscriberCount(topic: string): number {
    const native = this.#native.subscriberCount(topic);
    return this.#readers.size === 0 ? native : native + (this.#readers.get(topic)?.size ?? 0);
  }

  add(topic: string, reader: TopicReader): void {
    const known = this.#readers.get(topic);
    if (known === undefined) this.#readers.set(topic, new Set([reader]));
    else known.add(reader);
  }

  remove(topic: string, reader: TopicReader): void {
    const known = this.#readers.get(topic);
    if (known?.delete(reader) && known.size === 0) this.#readers.delete(topic);
  }

  /** The frame is encoded once for all readers. */
  #send(topic: string, frame: string, except: Socket | null): void {
    const readers = this.#readers.get(topic);
    if (readers === undefined) return;
    const json = JSON.stringify(frame);
    const bytes = Buffer.byteLength(json);
    for (const reader of readers) if (reader !== except) reader.sendJson(json, bytes);
  }
}
