/** An HTTP client with minimal CPU cost: one keep-alive connection on a raw socket, one request at a time. */
import type { Socket } from "bun";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const sockets = {
  open: (socket: Socket<HttpLine>) => socket.data.opened(socket, false),
  handshake: (socket: Socket<HttpLine>) => socket.data.opened(socket, true),
  data: (socket: Socket<HttpLine>, chunk: Buffer) => socket.data.received(chunk),
  drain: (socket: Socket<HttpLine>) => socket.data.drained(socket),
  close: (socket: Socket<HttpLine>) => socket.data.closed(),
  error: (_socket: Socket<HttpLine>, error: Error) => {
    throw error;
  },
} as const;

export class HttpLine {
  readonly #port: number;
  readonly #hostname: string;
  readonly #isTls: boolean;
  #opening = Promise.withResolvers<Socket<HttpLine>>();
  #socket: Socket<HttpLine> | null = null;
  #waiting: PromiseWithResolvers<Answer> | null = null;
  #received = "";
  #unsent = "";

  private constructor(port: number, hostname: string, isTls: boolean) {
    this.#port = port;
    this.#hostname = hostname;
    this.#isTls = isTls;
  }

  /** @param isTls connects with TLS, and checks no certificate */
  static async connect(port: number, hostname = "127.0.0.1", isTls = false): Promise<HttpLine> {
    const line = new HttpLine(port, hostname, isTls);
    await line.#open();
    return line;
  }

  /** Sends a complete request in ASCII. @throws if the connection ends before the answer */
  async send(request: string): Promise<Answer> {
    if (this.#waiting !== null) throw new Error("send was called before the previous request was answered");
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting = waiting;
    // A server may close an idle keep-alive connection; Node also does so when its loop was blocked for long.
    const socket = this.#socket ?? (await this.#open());
    this.#unsent = request.slice(Math.max(0, socket.write(request)));
    return waiting.promise;
  }

  async #open(): Promise<Socket<HttpLine>> {
    this.#received = "";
    this.#opening = Promise.withResolvers();
    const address = { hostname: this.#hostname, port: this.#port };
    const tls = this.#isTls ? { tls: { rejectUnauthorized: false } } : {};
    await Bun.connect<HttpLine>({ ...address, ...tls, data: this, socket: sockets });
    this.#socket = await this.#opening.promise;
    return this.#socket;
  }

  close(): void {
    this.#socket?.end();
  }

  /** @internal Called by the socket; with TLS a second time, after the handshake. */
  opened(socket: Socket<HttpLine>, hasTls: boolean): void {
    if (hasTls === this.#isTls) this.#opening.resolve(socket);
  }

  /** @internal Called by the socket. */
  received(chunk: Buffer): void {
    this.#received += chunk.toString("latin1");
    const head = this.#received.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, head))?.[1];
    // An answer without a length is Node's own 400 or 408, after which it closes the connection.
    if (length === undefined) this.#socket?.end();
    const end = head + 4 + Number(length ?? 0);
    if (this.#received.length < end) return;
    const answer = { status: Number(this.#received.slice(9, 12)), body: this.#received.slice(head + 4, end) };
    this.#received = this.#received.slice(end);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(answer);
  }

  /** @internal Called by the socket. */
  drained(socket: Socket<HttpLine>): void {
    this.#unsent = this.#unsent.slice(Math.max(0, socket.write(this.#unsent)));
  }

  /** @internal Called by the socket. */
  closed(): void {
    this.#socket = null;
    this.#waiting?.reject(new Error("the server closed the HTTP connection before it answered"));
    this.#waiting = null;
  }
}
