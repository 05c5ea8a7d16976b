/** The runtime's topics in memory, over fake sockets. */
import type { Socket } from "../../../src/core/connection.ts";
import { Hub } from "../../../src/core/hub.ts";
import { NodeTopics, type RuntimeTopics } from "../../../src/core/node-topics.ts";

export class FakeTopics implements RuntimeTopics {
  readonly #subscribers = new Map<string, Set<Socket>>();
  /** The number of publish calls. */
  published = 0;

  /** Topics with subscribers. */
  get names(): string[] {
    return [...this.#subscribers.keys()];
  }

  publish(topic: string, frame: string): void {
    this.published += 1;
    for (const socket of this.#subscribers.get(topic) ?? []) socket.send(frame);
  }

  publishExcept(topic: string, frame: string, except: Socket): void {
    this.published += 1;
    for (const socket of this.#subscribers.get(topic) ?? []) if (socket !== except) socket.send(frame);
  }

  subscriberCount(topic: string): number {
    return this.#subscribers.get(topic)?.size ?? 0;
  }

  add(topic: string, socket: Socket): void {
    const subscribers = this.#subscribers.get(topic) ?? new Set();
    this.#subscribers.set(topic, subscribers.add(socket));
  }

  remove(topic: string, socket: Socket): void {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers?.delete(socket) && subscribers.size === 0) this.#subscribers.delete(topic);
  }

  /** Called when a socket closes, like the runtime does. */
  removeEverywhere(socket: Socket): void {
    for (const topic of this.names) this.remove(topic, socket);
  }
}

/** A hub whose topics never hold a frame back. */
export function hubOver(topics = new FakeTopics()): Hub {
  return new Hub(Object.assign(new NodeTopics(topics), { release: () => undefined }));
}
