/** One TCP port: a Bun server. After a change of certificates, older servers remain until their last socket closes. */
import type { WebSocketHandler } from "bun";
import { type Answer, createFront } from "./front.ts";

export interface PortOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** The `max-age` of Strict-Transport-Security on a port with TLS; 0: the header is not sent. */
  readonly hstsMaxAgeS: number;
  /** Whether other processes of this user may listen on the same port; the kernel spreads the connections. */
  readonly isShared: boolean;
  readonly onBug: (error: unknown) => void;
}

/** The request handlers of a port. */
export interface Answers<Data> {
  /** Handlers by the raw path: `/x/../metrics` is not `/metrics`. */
  readonly routes?: Readonly<Record<string, Answer<Data>>>;
  /** The handler of all other requests. */
  readonly fetch: Answer<Data>;
  readonly websocket?: WebSocketHandler<Data>;
}

export class Port<Data = undefined> {
  #options: PortOptions;
  #answers: Answers<Data> | null = null;
  #servers: readonly Bun.Server<Data>[] = [];

  constructor(options: PortOptions) {
    this.#options = options;
  }

  /** The listening server is first. */
  protected get servers(): readonly Bun.Server<Data>[] {
    return this.#servers;
  }

  /**
   * Returns the port number.
   * @throws if the address is in use or the certificate is invalid
   */
  listen(answers: Answers<Data>): number {
    const server = this.#serve(answers);
    this.#answers = answers;
    this.#servers = [server];
    return server.port ?? this.#options.port;
  }

  /** New connections get the new certificate. Open connections keep the old one. */
  replaceTls(tls: { readonly cert: string; readonly key: string }): void {
    const [current] = this.#servers;
    const port = current?.port ?? this.#options.port;
    const answers = this.#answers;
    // Bun cannot replace the certificate of a running server. An invalid one must fail before the old server stops
    // listening.
    if (answers !== null)
      serve({ ...this.#options, host: "127.0.0.1", port: 0, tls }, answers, () => undefined).stop(true);
    const older = this.#servers.filter(({ pendingWebSockets }) => pendingWebSockets > 0);
    current?.stop();
    this.#options = { ...this.#options, port, tls };
    if (answers !== null) this.#servers = [this.#serve(answers), ...older];
  }

  #serve(answers: Answers<Data>): Bun.Server<Data> {
    return serve(this.#options, answers, (server) => {
      // A client that connected to an older server without sockets may still ask it for one.
      if (server !== this.#servers[0] && !this.#servers.includes(server))
        this.#servers = [...this.#servers, server];
    });
  }

  /** Stops accepting. Resolves when the last request is answered and the last socket is closed. */
  async stopListening(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  /** Ends all open requests and sockets. */
  stopNow(): void {
    for (const server of this.#servers) server.stop(true);
  }
}

/** @param onRequest called with the server before each of its requests is answered */
function serve<Data>(
  options: PortOptions,
  answers: Answers<Data>,
  onRequest: (server: Bun.Server<Data>) => void,
): Bun.Server<Data> {
  const { host, port, tls, hstsMaxAgeS, isShared, onBug } = options;
  const headers: [string, string][] = [["x-content-type-options", "nosniff"]];
  if (tls !== null && hstsMaxAgeS > 0) headers.push(["strict-transport-security", `max-age=${hstsMaxAgeS}`]);
  const front = createFront(headers, onBug);
  const noticed = (answer: Answer<Data>): Answer<Data> =>
    front((request, server) => {
      onRequest(server);
      return answer(request, server);
    });
  const routes = Object.entries(answers.routes ?? {}).map(
    ([path, answer]) => [path, noticed(answer)] as const,
  );
  return Bun.serve<Data, string>({
    hostname: host,
    port,
    reusePort: isShared,
    // The handlers limit bodies themselves: the runtime's limit closes the connection without a message.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: 30,
    ...(tls === null ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    routes: Object.fromEntries(routes),
    fetch: noticed(answers.fetch),
    websocket: answers.websocket ?? { message: () => undefined },
  });
}
