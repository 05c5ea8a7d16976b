/** A WebSocket client on a raw TCP socket. It is cheap enough to run thousands on one core beside the publisher. */
import type { Socket } from "bun";
import { clientFrame, FrameReader, opcode } from "./frame-reader.ts";
import { isStamped } from "./stamp.ts";

export interface Address {
  /** An IPv4 address; default: loopback. */
  readonly host?: string;
  readonly port: number;
  readonly key: string;
  /** Connects with TLS, and checks no certificate. */
  readonly isTls?: boolean;
}

/** A protocol message other than a stamped event. */
export interface Message {
  readonly event: string;
  readonly channel?: string;
  readonly data?: unknown;
}

export interface Listeners {
  /** A stamped event. It is passed as raw bytes, because this is the hot path. */
  onEvent?(bytes: Uint8Array, start: number, end: number): void;
  onMessage?(message: Message): void;
  /** A WebSocket ping. The client has already answered it. */
  onPing?(): void;
  /** Called with the WebSocket close code; null if the connection broke without a close frame. */
  onClose?(code: number | null): void;
}

export interface Credentials {
  readonly auth: string;
  readonly channelData?: string;
}

const sockets = {
  open: (socket: Socket<LightClient>) => socket.data.opened(socket, false),
  handshake: (socket: Socket<LightClient>) => socket.data.opened(socket, true),
  data: (socket: Socket<LightClient>, chunk: Uint8Array) => socket.data.received(chunk),
  drain: (socket: Socket<LightClient>) => socket.data.drained(socket),
  close: (socket: Socket<LightClient>) => socket.data.closed(socket),
  error: (_socket: Socket<LightClient>, error: Error) => {
    throw error;
  },
  binaryType: "uint8array",
} as const;

const loopback = "127.0.0.1";
const nothing = new Uint8Array(0);

export class LightClient {
  readonly #address: Address;
  readonly #listeners: Listeners;
  readonly #reader: FrameReader;
  readonly #established = Promise.withResolvers<string>();
  readonly #subscribing = new Map<string, PromiseWithResolvers<void>>();
  #socket: Socket<LightClient> | null = null;
  #isUpgraded = false;
  #head = "";
  #unsent = nothing;
  #closeCode: number | null = null;

  private constructor(address: Address, listeners: Listeners) {
    this.#address = address;
    this.#listeners = listeners;
    this.#reader = new FrameReader((op, bytes, start, end) => this.#onFrame(op, bytes, start, end));
  }

  /** Resolves after `connection_established`. @throws if the server refuses or closes the connection before */
  static async connect(address: Address, listeners: Listeners): Promise<LightClient> {
    const client = new LightClient(address, listeners);
    const { host: hostname = loopback, port, isTls } = address;
    const tls = isTls === true ? { tls: { rejectUnauthorized: false } } : {};
    await Bun.connect({ hostname, port, ...tls, data: client, socket: sockets });
    await client.#established.promise;
    return client;
  }

  get socketId(): Promise<string> {
    return this.#established.promise;
  }

  /** Resolves after `subscription_succeeded`. @throws if the server refuses the subscription or the connection ends */
  subscribe(channel: string, credentials?: Credentials): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#subscribing.set(channel, waiting);
    this.send("pusher:subscribe", {
      channel,
      auth: credentials?.auth ?? "",
      ...(credentials?.channelData === undefined ? {} : { channel_data: credentials.channelData }),
    });
    return waiting.promise;
  }

  unsubscribe(channel: string): void {
    this.send("pusher:unsubscribe", { channel });
  }

  send(event: string, data: unknown): void {
    this.#send(opcode.text, Buffer.from(JSON.stringify({ event, data })));
  }

  /** Stops reading, so that the server's buffers fill as with a client that hangs. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Closes with a close frame of code 1000. */
  close(): void {
    this.#send(opcode.close, Uint8Array.of(1000 >> 8, 1000 & 0xff));
    this.#socket?.end();
  }

  /** Breaks the connection without a close frame. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** @internal Called by the socket; with TLS a second time, after the handshake. */
  opened(socket: Socket<LightClient>, hasTls: boolean): void {
    const { host = loopback, port, key, isTls = false } = this.#address;
    if (hasTls !== isTls) return;
    this.#socket = socket;
    const path = `/app/${key}?protocol=7&client=bench&version=1.0`;
    this.#write(
      Buffer.from(
        `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      ),
    );
  }

  /** @internal Called by the socket. */
  received(chunk: Uint8Array): void {
    if (this.#isUpgraded) this.#reader.push(chunk);
    else this.#readHead(chunk);
  }

  /** @internal Called by the socket. */
  drained(socket: Socket<LightClient>): void {
    const written = socket.write(this.#unsent);
    this.#unsent = this.#unsent.subarray(Math.max(0, written));
  }

  /** @internal Called by the socket. */
  closed(_socket: Socket<LightClient>): void {
    const error = new Error(`the connection was closed, code ${this.#closeCode ?? "none"}`);
    this.#established.reject(error);
    for (const waiting of this.#subscribing.values()) waiting.reject(error);
    this.#subscribing.clear();
    this.#listeners.onClose?.(this.#closeCode);
  }

  #readHead(chunk: Uint8Array): void {
    this.#head += Buffer.from(chunk).toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const status = this.#head.slice(0, this.#head.indexOf("\r\n"));
    if (!status.startsWith("HTTP/1.1 101")) {
      this.#established.reject(new Error(`the server answered the upgrade with ${JSON.stringify(status)}`));
      this.cut();
      return;
    }
    const rest = Buffer.from(this.#head.slice(end + 4), "latin1");
    this.#head = "";
    this.#isUpgraded = true;
    this.#reader.push(rest);
  }

  #onFrame(op: number, bytes: Uint8Array, start: number, end: number): void {
    switch (op) {
      case opcode.text:
        if (isStamped(bytes, start, end)) this.#listeners.onEvent?.(bytes, start, end);
        else this.#onMessage(JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()));
        return;
      case opcode.ping:
        this.#send(opcode.pong, bytes.subarray(start, end));
        this.#listeners.onPing?.();
        return;
      case opcode.close:
        this.#closeCode = end - start < 2 ? null : ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
        this.#send(opcode.close, bytes.subarray(start, Math.min(end, start + 2)));
        this.#socket?.end();
        return;
      default:
    }
  }

  #onMessage(message: Message): void {
    const waiting = message.channel === undefined ? undefined : this.#subscribing.get(message.channel);
    switch (message.event) {
      case "pusher:connection_established":
        this.#established.resolve(JSON.parse(String(message.data)).socket_id);
        break;
      case "pusher_internal:subscription_succeeded":
        waiting?.resolve();
        this.#subscribing.delete(message.channel ?? "");
        break;
      case "pusher:subscription_error":
        waiting?.reject(
          new Error(`${message.channel} : the server refused the subscription: ${message.data}`),
        );
        this.#subscribing.delete(message.channel ?? "");
        break;
      default:
    }
    this.#listeners.onMessage?.(message);
  }

  #send(op: number, payload: Uint8Array): void {
    this.#write(clientFrame(op, payload));
  }

  #write(bytes: Uint8Array): void {
    const written = this.#unsent.length > 0 ? 0 : Math.max(0, this.#socket?.write(bytes) ?? 0);
    if (written < bytes.length) this.#unsent = Buffer.concat([this.#unsent, bytes.subarray(written)]);
  }
}
