/** One socket of one app: who it is, what it is subscribed to, and its own queue of work. */
import type { Handshake } from "../protocol/handshake.ts";
import { errorFrame } from "../protocol/server-message.ts";
import { RateLimit } from "./rate-limit.ts";
import { SmallMap } from "./small-map.ts";

/** What a transport lends a connection. A socket that is closed takes every call; only `publish` does anything then. */
export interface Socket {
  send(frame: string): unknown;
  /** To every subscriber of the topic on this node but this socket. */
  publish(topic: string, frame: string): unknown;
  subscribe(topic: string): unknown;
  unsubscribe(topic: string): unknown;
  close(code: number, reason: string): unknown;
  getBufferedAmount(): number;
}

export interface Peer {
  readonly address: string;
  /** Null outside of browsers. */
  readonly origin: string | null;
  readonly handshake: Handshake;
}

export interface Subscription {
  /** The member this connection is, on presence channels. */
  readonly userId: string | null;
  /** The secret that authorized it; null on public channels. */
  readonly secretId: string | null;
  /** Of the member's info; 0 where there is none. */
  readonly infoBytes: number;
}

export interface SignedInUser {
  readonly id: string;
  /** The user's `user_info`, already JSON; null where there is none. */
  readonly infoJson: string | null;
  /** Whom this connection watches; empty where the app had no watchlists when it signed in. */
  readonly watchlist: readonly string[];
  readonly secretId: string;
}

const closeReasonBytesMax = 120;

/** Done at once, or the promise of its end. It must neither throw nor reject. */
export type Task = () => Promise<void> | undefined;

interface WaitingTask {
  readonly task: Task;
  next: WaitingTask | null;
}

/** A connection with more unsent bytes than this waits with its next message: its answers alone never cut it off. */
export const unsentBytesMax = 8_192;
/** How often a client is told of the messages that were not read. */
const toldEveryMs = 1_000;

/** An error frame, then the close frame, whose reason RFC 6455 keeps short. */
export function closeSocket(socket: Socket, code: number, reason: string): void {
  socket.send(errorFrame(code, reason));
  socket.close(code, Buffer.from(reason).subarray(0, closeReasonBytesMax).toString());
}

export class Connection {
  readonly socketId: string;
  readonly appId: string;
  readonly socket: Socket;
  readonly peer: Peer;
  readonly openedAtMs: number;
  readonly subscriptions = new SmallMap<Subscription>();
  /** What it is on its way to; null where it is on its way into no channel. */
  entering: Subscription | null = null;
  user: SignedInUser | null = null;
  isClosed = false;
  /** Of messages that wait for their turn. */
  waitingBytes = 0;
  /** Of subscriptions and of the signed-in user, about: see ConnectionMemory. */
  keptBytes = 0;
  #messages: RateLimit | null = null;
  #clientEvents: RateLimit | null = null;
  #isBusy = false;
  #isEnding = false;
  /** What waits for its turn, the oldest and the newest. */
  #oldest: WaitingTask | null = null;
  #newest: WaitingTask | null = null;
  #unread = 0;
  #unreadToldAtMs = Number.NEGATIVE_INFINITY;

  constructor(socketId: string, appId: string, socket: Socket, peer: Peer, openedAtMs: number) {
    this.socketId = socketId;
    this.appId = appId;
    this.socket = socket;
    this.peer = peer;
    this.openedAtMs = openedAtMs;
  }

  send(frame: string): void {
    this.socket.send(frame);
  }

  /** Says why, then closes: clients of protocol 5 read only the error frame, others only the code. */
  close(code: number, reason: string): void {
    closeSocket(this.socket, code, reason);
  }

  /** Whether a task would start at once: none is under way or waits, and the client reads what it is sent. */
  get isIdle(): boolean {
    return !this.#isBusy && this.#oldest === null && this.#isRead;
  }

  /** Runs tasks strictly one after another, each when the client has read what came before. */
  run(task: Task): void {
    if (this.isIdle) {
      this.#start(task);
      this.runWaiting();
      return;
    }
    const waiting = { task, next: null };
    if (this.#newest === null) this.#oldest = waiting;
    else this.#newest.next = waiting;
    this.#newest = waiting;
  }

  /** Called when the socket has sent something: what waited for that goes on. */
  runWaiting(): void {
    while (this.#oldest !== null && !this.#isBusy && this.#isRead) {
      const { task, next } = this.#oldest;
      this.#oldest = next;
      if (next === null) this.#newest = null;
      this.#start(task);
    }
  }

  /** The socket is gone: nobody reads any more, so nothing waits for that. The task is the last one. */
  end(task: Task): void {
    this.#isEnding = true;
    this.run(task);
    this.runWaiting();
  }

  get #isRead(): boolean {
    return this.#isEnding || this.socket.getBufferedAmount() <= unsentBytesMax;
  }

  #start(task: Task): void {
    this.#isBusy = true;
    const ended = task();
    if (ended === undefined) {
      this.#isBusy = false;
      return;
    }
    ended.then(() => {
      this.#isBusy = false;
      this.runWaiting();
    });
  }

  /** Answers how many messages were not read since the client was last told so; null: tell it nothing now. */
  countUnread(nowMs: number): number | null {
    this.#unread += 1;
    if (nowMs - this.#unreadToldAtMs < toldEveryMs) return null;
    const unread = this.#unread;
    this.#unread = 0;
    this.#unreadToldAtMs = nowMs;
    return unread;
  }

  mayReceive(perSecondMax: number, atOnceMax: number, nowMs: number): boolean {
    if (perSecondMax === 0) return true;
    this.#messages ??= new RateLimit(atOnceMax, nowMs);
    return this.#messages.take(perSecondMax, atOnceMax, nowMs) === 0;
  }

  maySendClientEvent(perSecondMax: number, nowMs: number): boolean {
    if (perSecondMax === 0) return true;
    this.#clientEvents ??= new RateLimit(perSecondMax, nowMs);
    return this.#clientEvents.take(perSecondMax, perSecondMax, nowMs) === 0;
  }
}
