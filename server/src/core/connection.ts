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
  #messages: RateLimit | null = null;
  #clientEvents: RateLimit | null = null;
  #tail: Promise<void> | null = null;

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

  /** Runs tasks strictly one after another; where none is under way the task starts at once. Tasks must not reject. */
  run(task: () => Promise<void> | undefined): void {
    const started = this.#tail === null ? task() : this.#tail.then(task);
    if (started === undefined) return;
    const tail = started.then(() => {
      if (this.#tail === tail) this.#tail = null;
    });
    this.#tail = tail;
  }

  /** Ten seconds' worth at once: a client that comes back subscribes to all its channels in one go. */
  mayReceive(perSecondMax: number, nowMs: number): boolean {
    if (perSecondMax === 0) return true;
    this.#messages ??= new RateLimit(perSecondMax * 10, nowMs);
    return this.#messages.take(perSecondMax, perSecondMax * 10, nowMs) === 0;
  }

  maySendClientEvent(perSecondMax: number, nowMs: number): boolean {
    if (perSecondMax === 0) return true;
    this.#clientEvents ??= new RateLimit(perSecondMax, nowMs);
    return this.#clientEvents.take(perSecondMax, perSecondMax, nowMs) === 0;
  }
}
