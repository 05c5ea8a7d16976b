/** The subscribers of topics on this node. */
import { KeyedTable } from "./collections/keyed-table.ts";
import type { Socket } from "./connection.ts";
import type { Topics } from "./hub.ts";

/** The runtime's native topics: one call sends a frame to every subscriber, without a loop in JavaScript. */
export interface RuntimeTopics {
  publish(topic: string, frame: string): unknown;
  /** Sends the frame to every subscriber except one socket. */
  publishExcept(topic: string, frame: string, socket: Socket): unknown;
  /** The number of open sockets of this node that are subscribed to the topic. */
  subscriberCount(topic: string): number;
}

interface Single {
  readonly topic: string;
  readonly socket: Socket;
}

/**
 * A topic of the runtime takes about 490 bytes, and most channels with one subscriber seldom have an event. So a topic is an
 * entry of a table until its second subscriber enters or its first frame is published.
 */
export class NodeTopics implements Topics {
  readonly #runtime: RuntimeTopics;
  /** By app, the topics that are not in the runtime. Each has one subscriber. */
  readonly #singles = new Map<string, KeyedTable<Single>>();

  constructor(runtime: RuntimeTopics) {
    this.#runtime = runtime;
  }

  enter(appId: string, topic: string, socket: Socket): void {
    const name = nameOf(appId, topic);
    const isInRuntime = this.#runtime.subscriberCount(name) > 0 || this.#moveToRuntime(appId, topic);
    if (isInRuntime) socket.subscribe(name);
    else this.#singlesOf(appId).add({ topic, socket });
  }

  leave(appId: string, topic: string, socket: Socket): void {
    const single = this.#single(appId, topic);
    if (single === undefined) socket.unsubscribe(nameOf(appId, topic));
    else if (single.socket === socket) this.#remove(appId, topic);
  }

  publish(appId: string, topic: string, frame: string, except: Socket | null): void {
    const name = nameOf(appId, topic);
    if (this.#runtime.subscriberCount(name) === 0) this.#moveToRuntime(appId, topic);
    if (except === null) this.#runtime.publish(name, frame);
    else this.#runtime.publishExcept(name, frame, except);
  }

  subscriberCount(appId: string, topic: string): number {
    const count = this.#runtime.subscriberCount(nameOf(appId, topic));
    if (count > 0) return count;
    return this.#single(appId, topic) === undefined ? 0 : 1;
  }

  #single(appId: string, topic: string): Single | undefined {
    return this.#singles.get(appId)?.get(topic);
  }

  #singlesOf(appId: string): KeyedTable<Single> {
    let singles = this.#singles.get(appId);
    if (singles === undefined) {
      singles = new KeyedTable(({ topic }) => topic);
      this.#singles.set(appId, singles);
    }
    return singles;
  }

  /** Returns false if there is no such topic outside the runtime. */
  #moveToRuntime(appId: string, topic: string): boolean {
    const single = this.#single(appId, topic);
    if (single === undefined) return false;
    this.#remove(appId, topic);
    single.socket.subscribe(nameOf(appId, topic));
    return true;
  }

  #remove(appId: string, topic: string): void {
    const singles = this.#singles.get(appId);
    if (singles?.delete(topic) && singles.size === 0) this.#singles.delete(appId);
  }
}

/** The runtime's name of a topic. App ids contain no slash, so the first slash separates the two. */
function nameOf(appId: string, topic: string): string {
  return `${appId}/${topic}`;
}
