/** One client connection to an app: its socket, user, subscriptions and queue of tasks. */

import type { Handshake } from "../protocol/handshake.ts";
import { errorFrame } from "../protocol/server-message.ts";
import type { App } from "./apps/app.ts";
import { SmallMap } from "./collections/small-map.ts";
import { type Bucket, RateLimit, takeToken } from "./limits/rate-limit.ts";

export type Transport = "websocket" | "xhr_streaming" | "xhr_polling";

/** The transport's side of a connection. Calls on a closed socket have no effect. */
export interface Socket {
  /** Absent: a WebSocket. */
  readonly transport?: Transport;
  send(frame: string): unknown;
  subscribe(topic: string): unknown;
  unsubscribe(topic: string): unknown;
  close(code: number, reason: string): unknown;
  getBufferedAmount(): number;
}

export interface Peer {
  readonly address: string;
  /** The Origin header; null for clients that are not browsers. */
  readonly origin: string | null;
  readonly handshake: Handshake;
}

export interface Subscription {
  /** The member's user id on a presence channel; null on other channels. */
  readonly userId: string | null;
  /** The id of the secret that authorized it; null on public channels. */
  readonly secretId: string | null;
  /** The bytes of the member's info; 0 if there is none. */
  readonly infoBytes: number;
}

/** An id as which a connection is a member of presence channels, and one of these channels. */
export interface Membership {
  readonly userId: string;
  readonly channel: string;
}

export interface SignedInUser {
  readonly id: string;
  /** The user's `user_info` as JSON text; null if there is none. */
  readonly infoJson: string | null;
  /** The ids of the users that this connection watches; empty if the app had watchlists disabled at the sign-in. */
  readonly watchlist: readonly string[];
  readonly secretId: string;
  /** Unix time in milliseconds. */
  readonly signedInAtMs: number;
}

const closeReasonBytesMax = 120;

/** Returns undefined if done, else a promise that resolves at its end. It must not throw or reject. */
export type Task = () => Promise<void> | undefined;

interface WaitingTask {
  readonly task: Task;
  next: WaitingTask | null;
}

/**
 * A connection with more unsent bytes does not start its next message. So its own answers cannot exceed the limit of
 * unsent bytes that closes a connection.
 */
export const unsentBytesMax = 8_192;
/** The minimum time between two errors about dropped messages. */
const reportedEveryMs = 1_000;

const membershipsShownMax = 10;

/** The connection's memberships of presence channels, one for each user id: at most 10. */
export function membershipsOf({ subscriptions }: Connection): Membership[] {
  const found = new Map<string, Membership>();
  for (const channel of subscriptions.keys()) {
    const userId = subscriptions.get(channel)?.userId ?? null;
    if (userId !== null && !found.has(userId)) found.set(userId, { userId, channel });
    if (found.size === membershipsShownMax) break;
  }
  return [...found.values()];
}

/** Sends an error frame, then the close frame. RFC 6455 limits the close frame's reason to 123 bytes. */
export function closeSocket(socket: Socket, code: number, reason: string): void {
  socket.send(errorFrame(code, reason));
  socket.close(code, Buffer.from(reason).subarray(0, closeReasonBytesMax).toString());
}

/** What few connections need. It is created at its first use, because there are very many connections. */
class Seldom {
  user: SignedInUser | null = null;
  entering: Subscription | null = null;
  waitingBytes = 0;
  clientEvents: RateLimit | null = null;
  /** The first and the last task of the queue. */
  oldest: WaitingTask | null = null;
  newest: WaitingTask | null = null;
  unread = 0;
  unreadReportedAtMs = Number.NEGATIVE_INFINITY;
}

/** Bits of the state of a connection. */
const isClosedBit = 1;
const isBusyBit = 2;
const isEndingBit = 4;

/**
 * Its 12 fields take 112 bytes; with one more the runtime would take 160. As a bucket it limits the rate of its
 * messages.
 */
export class Connection implements Bucket {
  /** The two parts of the socket id, because its text would take 80 bytes. */
  readonly #idStart: number;
  readonly #idEnd: number;
  /** The app when the connection opened. It may have changed or been deleted since. */
  readonly openedWith: App;
  readonly socket: Socket;
  readonly peer: Peer;
  readonly openedAtMs: number;
  readonly subscriptions = new SmallMap<Subscription>();
  /** Estimated bytes of the subscriptions and the signed-in user: see ConnectionMemory. */
  keptBytes = 0;
  tokens = Number.POSITIVE_INFINITY;
  refilledAtMs = 0;
  #bits = 0;
  #seldom: Seldom | null = null;

  /** @param socketId two numbers without leading zeros, with a dot between */
  constructor(socketId: string, app: App, socket: Socket, peer: Peer, openedAtMs: number) {
    const dot = socketId.indexOf(".");
    this.#idStart = Number(socketId.slice(0, dot));
    this.#idEnd = Number(socketId.slice(dot + 1));
    this.openedWith = app;
    this.socket = socket;
    this.peer = peer;
    this.openedAtMs = openedAtMs;
  }

  get appId(): string {
    return this.openedWith.id;
  }

  get socketId(): string {
    return `${this.#idStart}.${this.#idEnd}`;
  }

  get user(): SignedInUser | null {
    return this.#seldom?.user ?? null;
  }

  set user(user: SignedInUser) {
    this.#inUse().user = user;
  }

  get isClosed(): boolean {
    return (this.#bits & isClosedBit) !== 0;
  }

  set isClosed(isClosed: boolean) {
    this.#set(isClosedBit, isClosed);
  }

  /** The subscription that is being made; null if there is none. */
  get entering(): Subscription | null {
    return this.#seldom?.entering ?? null;
  }

  set entering(subscription: Subscription | null) {
    if (subscription !== null || this.#seldom !== null) this.#inUse().entering = subscription;
  }

  /** Estimated bytes of the messages in the queue: see ConnectionMemory. */
  get waitingBytes(): number {
    return this.#seldom?.waitingBytes ?? 0;
  }

  set waitingBytes(bytes: number) {
    this.#inUse().waitingBytes = bytes;
  }

  send(frame: string): void {
    this.socket.send(frame);
  }

  /** Sends an error frame, then closes: clients of protocol 5 read only the error frame, others only the close code. */
  close(code: number, reason: string): void {
    closeSocket(this.socket, code, reason);
  }

  /** Whether a task would start immediately: no task runs or waits, and few bytes are unsent. */
  get isIdle(): boolean {
    return !this.#isBusy && !this.isWaiting && this.#isRead;
  }

  /** Runs tasks strictly one after another. A task does not start while more than `unsentBytesMax` bytes are unsent. */
  run(task: Task): void {
    if (this.isIdle) this.#start(task);
    else this.#append(task);
    this.runWaiting();
  }

  /** Whether a task is in the queue. */
  get isWaiting(): boolean {
    return this.#seldom !== null && this.#seldom.oldest !== null;
  }

  /** Starts waiting tasks as far as possible. Called when the socket has sent bytes. */
  runWaiting(): void {
    const queue = this.#seldom;
    if (queue === null) return;
    while (queue.oldest !== null && !this.#isBusy && this.#isRead) {
      const { task, next } = queue.oldest;
      queue.oldest = next;
      if (next === null) queue.newest = null;
      this.#start(task);
    }
  }

  /** Runs the last task after the socket closed. From now on tasks do not wait for unsent bytes. */
  end(task: Task): void {
    this.#set(isEndingBit, true);
    this.run(task);
  }

  get #isBusy(): boolean {
    return (this.#bits & isBusyBit) !== 0;
  }

  get #isRead(): boolean {
    return (this.#bits & isEndingBit) !== 0 || this.socket.getBufferedAmount() <= unsentBytesMax;
  }

  #append(task: Task): void {
    const queue = this.#inUse();
    const waiting = { task, next: null };
    if (queue.newest === null) queue.oldest = waiting;
    else queue.newest.next = waiting;
    queue.newest = waiting;
  }

  #start(task: Task): void {
    this.#set(isBusyBit, true);
    const ended = task();
    if (ended === undefined) {
      this.#set(isBusyBit, false);
      return;
    }
    ended.then(() => {
      this.#set(isBusyBit, false);
      this.runWaiting();
    });
  }

  /** Counts a dropped message. Returns how many were dropped since the last error about it; null: send no error now. */
  countUnread(nowMs: number): number | null {
    const counted = this.#inUse();
    counted.unread += 1;
    if (nowMs - counted.unreadReportedAtMs < reportedEveryMs) return null;
    const { unread } = counted;
    counted.unread = 0;
    counted.unreadReportedAtMs = nowMs;
    return unread;
  }

  mayReceive(perSecondMax: number, atOnceMax: number, nowMs: number): boolean {
    return perSecondMax === 0 || takeToken(this, perSecondMax, atOnceMax, nowMs) === 0;
  }

  maySendClientEvent(perSecondMax: number, nowMs: number): boolean {
    if (perSecondMax === 0) return true;
    const seldom = this.#inUse();
    seldom.clientEvents ??= new RateLimit(perSecondMax, nowMs);
    return seldom.clientEvents.take(perSecondMax, perSecondMax, nowMs) === 0;
  }

  #set(bit: number, isSet: boolean): void {
    this.#bits = isSet ? this.#bits | bit : this.#bits & ~bit;
  }

  #inUse(): Seldom {
    this.#seldom ??= new Seldom();
    return this.#seldom;
  }
}
