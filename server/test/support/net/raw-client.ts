/** A low-level WebSocket client: it sends exactly the given bytes and returns exactly the received ones. */
import { randomBytes } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { Mailbox } from "../mailbox.ts";
import { within } from "../until.ts";
import { type Closed, WireClient } from "../wire-client.ts";
import { encodeFrame, type Frame, FrameReader, opcodes } from "./websocket-frames.ts";

export interface UpgradeAnswer {
  readonly status: number;
  readonly head: string;
}

export interface RawClientOptions {
  /** Sent unchanged after the usual headers. */
  readonly headers?: readonly string[];
  /** False: pings are not answered. */
  readonly answersPings?: boolean;
}

export class RawClient extends WireClient {
  readonly tcp: Socket;
  readonly controlFrames = new Mailbox<Frame>();
  upgrade: UpgradeAnswer = { status: 0, head: "" };
  readonly #reader = new FrameReader();
  readonly #answersPings: boolean;
  #close: Closed = { code: 1006, reason: "" };

  private constructor(tcp: Socket, options: RawClientOptions) {
    super();
    this.tcp = tcp;
    this.#answersPings = options.answersPings ?? true;
    tcp.setNoDelay(true);
    // Some refusals end with a reset; `closed` reports it.
    tcp.on("error", () => tcp.destroy());
    tcp.on("close", () => {
      this.controlFrames.end("The connection closed");
      this.end(this.#close);
    });
  }

  /** Upgrades `ws://host:port/path`; resolves with any answer of the server. */
  static async open(url: string, options: RawClientOptions = {}): Promise<RawClient> {
    const { hostname, port, pathname, search, host } = new URL(url);
    const client = new RawClient(connectTcp(Number(port), hostname), options);
    const lines = [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      "Sec-WebSocket-Version: 13",
      ...(options.headers ?? []),
    ];
    client.tcp.write(`${lines.join("\r\n")}\r\n\r\n`);
    await within(`the upgrade of ${url}`, client.#readHead());
    return client;
  }

  /** Connects, and waits for `connection_established`. */
  static async connect(url: string, options: RawClientOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(url, options);
    if (client.upgrade.status !== 101) throw new Error(`The upgrade was refused: ${client.upgrade.head}`);
    await client.takeHello();
    return client;
  }

  #readHead(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let received = Buffer.alloc(0);
    const onData = (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = received.subarray(0, end).toString("latin1");
      this.upgrade = { status: Number(head.split(" ")[1]), head };
      this.tcp.off("data", onData);
      if (this.upgrade.status === 101) {
        this.tcp.on("data", (more: Buffer) => this.#receive(more));
        this.#receive(received.subarray(end + 4));
      }
      resolve();
    };
    this.tcp.on("data", onData);
    this.closed.then(() =>
      reject(new Error("The server closed the connection before it answered the upgrade")),
    );
    return promise;
  }

  #receive(bytes: Buffer): void {
    for (const frame of this.#reader.read(bytes)) {
      if (frame.opcode === opcodes.text) this.texts.push(frame.payload.toString("utf8"));
      else this.controlFrames.push(frame);
      if (frame.opcode === opcodes.ping && this.#answersPings) this.sendFrame(opcodes.pong, frame.payload);
      if (frame.opcode === opcodes.close) {
        const code = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
        this.#close = { code, reason: frame.payload.subarray(2).toString("utf8") };
        this.tcp.end(encodeFrame(opcodes.close, frame.payload.subarray(0, 2)));
      }
    }
  }

  override send(message: object | string): void {
    this.sendFrame(opcodes.text, typeof message === "string" ? message : JSON.stringify(message));
  }

  sendFrame(opcode: number, payload: string | Uint8Array): void {
    this.tcp.write(encodeFrame(opcode, payload));
  }

  sendBytes(bytes: Uint8Array): void {
    this.tcp.write(bytes);
  }

  override [Symbol.dispose](): void {
    this.tcp.destroy();
  }
}
