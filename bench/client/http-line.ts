/** One keep-alive HTTP connection on a raw socket, one request at a time: an HTTP client that costs next to nothing. */
import type { Socket } from "bun";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const sockets = {
  data: (socket: Socket<HttpLine>, chunk: Buffer) => socket.data.received(chunk),
  drain: (socket: Socket<HttpLine>) => socket.data.drained(socket),
  close: (socket: Socket<HttpLine>) => socket.data.closed(),
  error: (_socket: Socket<HttpLine>, error: Error) => {
    throw error;
  },
} as const;

export class HttpLine {
  #socket: Socket<HttpLine> | null = null;
  #waiting: PromiseWithResolvers<Answer> | null = null;
  #received = "";
  #unsent = "";

  static async connect(port: number): Promise<HttpLine> {
    const line = new HttpLine();
    line.#socket = await Bun.connect({ hostname: "127.0.0.1", port, data: line, socket: sockets });
    return line;
  }

  /** Sends a whole request in ASCII; rejects when the connection ends before the answer. */
  send(request: string): Promise<Answer> {
    if (this.#waiting !== null)
      throw new Error("this connection still waits for the answer to its last request");
    if (this.#socket === null) throw new Error("this connection is closed");
    this.#waiting = Promise.withResolvers<Answer>();
    this.#unsent = request.slice(Math.max(0, this.#socket.write(request)));
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket?.end();
  }

  /** @internal Called by the socket. */
  received(chunk: Buffer): void {
    this.#received += chunk.toString("latin1");
    const head = this.#received.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, head))?.[1];
    if (length === undefined) throw new Error("the answer has no Content-Length; this client reads no other");
    const end = head + 4 + Number(length);
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
