/** A TCP proxy with faults: it gives each connection to the next target, and can mute or cut all connections. */
import { connect, createServer, type Server, type Socket } from "node:net";

export class TcpProxy {
  readonly port: number;
  /** Ports on the loopback address; connections go to them in turn. A test may change the list. */
  targets: number[];
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #next = 0;
  #isMute = false;

  static async open(targets: readonly number[]): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    return new TcpProxy(server, targets);
  }

  private constructor(server: Server, targets: readonly number[]) {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The proxy has no port");
    this.port = address.port;
    this.targets = [...targets];
    this.#server = server;
    server.on("connection", (client) => this.#join(client));
  }

  /** Stops forwarding in both directions without closing anything: a half-open link. */
  mute(): void {
    this.#isMute = true;
    for (const [client, target] of this.#pairs) {
      client.pause();
      target.pause();
    }
  }

  /** Forwards again, first the held bytes. */
  unmute(): void {
    this.#isMute = false;
    for (const [client, target] of this.#pairs) {
      client.resume();
      target.resume();
    }
  }

  /** Forwards only the clients' bytes and no answers, on the currently open connections. */
  loseAnswers(): void {
    for (const [, target] of this.#pairs) target.pause();
  }

  /** Cuts every connection. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #join(client: Socket): void {
    this.#next += 1;
    const port = this.targets[this.#next % this.targets.length];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const target = connect(port, "127.0.0.1");
    const pair = [client, target] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [target, client]] as const) {
      from.setNoDelay(true);
      from.on("data", (chunk) => void to.write(chunk));
      from.on("end", () => to.end());
      // Peers that are gone are expected in these tests.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
    if (!this.#isMute) client.resume();
  }
}
