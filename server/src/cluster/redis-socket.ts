/**
 * A connection to one Redis server on a socket of the runtime. When messages arrive one at a time it costs two thirds of
 * what the library `redis` costs, which works on `node:net`.
 */
import { isIP } from "node:net";
import type { Socket } from "bun";
import type { Clock } from "../core/ports/clock.ts";
import type { RedisServer } from "./redis-target.ts";
import { ErrorReply, encodeCommand, type Reply, RespReader } from "./resp.ts";

export interface RedisListener {
  /** Called synchronously for each message of a subscribed sharded channel, in the order of the channel. */
  onLine(message: string, name: string): void;
  /** Called at most once, when an established connection ends without `close`. */
  lost(error: Error): void;
}

/** For the TCP connection and the TLS handshake. */
const connectTimeoutMs = 5_000;
const keepAliveMs = 5_000;

/** A command without a complete answer. The answer to a subscription is one reply for each name. */
interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  repliesLeft: number;
  next: Pending | null;
}

const handler = {
  open: (socket: Socket<RedisSocket>) => socket.data.opened(socket),
  handshake: (socket: Socket<RedisSocket>, isTrusted: boolean, error: Error | null) =>
    socket.data.shookHands(isTrusted ? null : (error ?? new Error("The certificate is not trusted"))),
  data: (socket: Socket<RedisSocket>, chunk: Buffer) => socket.data.received(chunk),
  drain: (socket: Socket<RedisSocket>) => socket.data.drained(),
  close: (socket: Socket<RedisSocket>, error?: Error) => socket.data.ended(error),
  error: (socket: Socket<RedisSocket>, error: Error) => socket.data.ended(error),
} as const;

export class RedisSocket {
  readonly #server: RedisServer;
  readonly #isTls: boolean;
  readonly #listener: RedisListener;
  readonly #reader = new RespReader((reply) => this.#onReply(reply));
  readonly #opening = Promise.withResolvers<void>();
  #socket: Socket<RedisSocket> | null = null;
  #isOpen = false;
  /** Why commands can no longer be sent. */
  #end: Error | null = null;
  #first: Pending | null = null;
  #last: Pending | null = null;
  /** After the first subscription a reply can be a message. */
  #hasSubscribed = false;
  /** Commands of this turn of the event loop. */
  #commands = "";
  /** Bytes that the socket did not accept yet. */
  #unsent: Buffer | null = null;

  constructor(server: RedisServer, isTls: boolean, listener: RedisListener) {
    this.#server = server;
    this.#isTls = isTls;
    this.#listener = listener;
  }

  /** @throws Error if the server cannot be reached in time, or its certificate is not trusted */
  async connect(timer: Pick<Clock, "after">): Promise<void> {
    const { host: hostname, port } = this.#server;
    const cancel = timer.after(connectTimeoutMs, () => this.#fail("does not accept the connection in time"));
    // A server name must not be an address.
    const tls = this.#isTls ? { tls: isIP(hostname) === 0 ? { serverName: hostname } : true } : {};
    Bun.connect<RedisSocket>({ hostname, port, ...tls, data: this, socket: handler }).catch(
      (error: NodeJS.ErrnoException) =>
        this.#fail(`cannot be reached (${error.code ?? error.message})`, error),
    );
    try {
      await this.#opening.promise;
    } finally {
      cancel();
    }
  }

  /** Sends a command. Commands of one turn of the event loop are sent in one write. @throws ErrorReply */
  send(args: readonly string[]): Promise<Reply> {
    return this.#send(args, 1);
  }

  async subscribe(names: readonly string[]): Promise<void> {
    this.#hasSubscribed = true;
    await this.#send(["SSUBSCRIBE", ...names], names.length);
  }

  async unsubscribe(names: readonly string[]): Promise<void> {
    await this.#send(["SUNSUBSCRIBE", ...names], names.length);
  }

  /** Ends the connection at once. Commands without an answer are rejected. */
  close(): void {
    this.#isOpen = false;
    this.#fail("is no longer used");
  }

  /** @internal Called by the runtime. */
  opened(socket: Socket<RedisSocket>): void {
    this.#socket = socket;
    if (this.#end !== null) {
      socket.terminate();
      return;
    }
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    if (!this.#isTls) this.#ready();
  }

  /** @internal Called by the runtime. */
  shookHands(problem: Error | null): void {
    if (problem === null) this.#ready();
    else this.#fail(`has no trusted certificate: ${problem.message}`, problem);
  }

  /** @internal Called by the runtime. */
  received(chunk: Buffer): void {
    if (this.#end === null) this.#reader.push(chunk);
  }

  /** @internal Called by the runtime. */
  drained(): void {
    const unsent = this.#unsent;
    if (unsent === null) return;
    this.#unsent = null;
    this.#write(unsent);
  }

  /** @internal Called by the runtime: the connection ended, or a handler threw. */
  ended(error?: Error): void {
    if (error === undefined) this.#fail("closed the connection");
    else this.#fail(`is lost: ${error.message}`, error);
  }

  #ready(): void {
    this.#isOpen = true;
    this.#opening.resolve();
  }

  #fail(what: string, cause?: Error): void {
    if (this.#end !== null) return;
    const error = new Error(`The Redis server ${this.#server.host}:${this.#server.port} ${what}`, { cause });
    this.#end = error;
    this.#socket?.terminate();
    // Without a call of `connect` nobody waits for it.
    this.#opening.promise.catch(() => undefined);
    this.#opening.reject(error);
    for (let one = this.#first; one !== null; one = one.next) one.reject(error);
    this.#first = null;
    if (this.#isOpen) this.#listener.lost(error);
  }

  #send(args: readonly string[], repliesLeft: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#end !== null) return reject(this.#end);
      const pending: Pending = { resolve, reject, repliesLeft, next: null };
      if (this.#first === null || this.#last === null) this.#first = pending;
      else this.#last.next = pending;
      this.#last = pending;
      if (this.#commands === "") setImmediate(() => this.#flush());
      this.#commands += encodeCommand(args);
    });
  }

  #flush(): void {
    // Otherwise the commands follow when the socket accepts more.
    if (this.#unsent === null) this.#write(null);
  }

  /** Writes the bytes, then the commands. */
  #write(bytes: Buffer | null): void {
    let left = bytes;
    while (this.#end === null && (left !== null || this.#commands !== "")) {
      if (left === null) {
        left = Buffer.from(this.#commands);
        this.#commands = "";
      }
      const written = Math.max(0, this.#socket?.write(left) ?? 0);
      if (written < left.length) {
        this.#unsent = left.subarray(written);
        return;
      }
      left = null;
    }
  }

  #onReply(reply: Reply): void {
    // The rest of what was received together.
    if (this.#end !== null) return;
    if (this.#hasSubscribed && Array.isArray(reply) && reply[0] === "smessage") {
      this.#listener.onLine(String(reply[2]), String(reply[1]));
      return;
    }
    const pending = this.#first;
    if (pending === null) throw new Error("it sent a reply without a command");
    pending.repliesLeft -= 1;
    const isError = reply instanceof ErrorReply;
    if (pending.repliesLeft > 0 && !isError) return;
    this.#first = pending.next;
    if (isError) pending.reject(reply);
    else pending.resolve(reply);
  }
}
