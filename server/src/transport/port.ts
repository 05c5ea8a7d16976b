/** One port: a Bun server, and after a change of certificates the older ones until their last socket is gone. */
import type { WebSocketHandler } from "bun";
import { type Answer, createFront } from "./front.ts";

export interface PortOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** For how long browsers are to insist on TLS, where the port speaks it; 0: nothing is said of it. */
  readonly hstsMaxAgeS: number;
  readonly onBug: (error: unknown) => void;
}

/** What answers on a port. */
export interface Answers<Data> {
  /** By the path as it was sent: `/x/../metrics` is not `/metrics`. */
  readonly routes?: Readonly<Record<string, Answer<Data>>>;
  /** All other requests. */
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

  /** The listening one first. */
  protected get servers(): readonly Bun.Server<Data>[] {
    return this.#servers;
  }

  /**
   * Answers the number of the port.
   * @throws where the address is in use or the certificate is not right
   */
  listen(answers: Answers<Data>): number {
    const server = serve(this.#options, answers);
    this.#answers = answers;
    this.#servers = [server];
    return server.port ?? this.#options.port;
  }

  /** New connections get the new certificate; those that are open stay as they are. */
  replaceTls(tls: { readonly cert: string; readonly key: string }): void {
    const [current] = this.#servers;
    const port = current?.port ?? this.#options.port;
    const answers = this.#answers;
    // Bun cannot change certificates in place. A wrong one must fail before the old server stops listening.
    if (answers !== null) serve({ ...this.#options, host: "127.0.0.1", port: 0, tls }, answers).stop(true);
    const older = this.#servers.filter(({ pendingWebSockets }) => pendingWebSockets > 0);
    current?.stop();
    this.#options = { ...this.#options, port, tls };
    if (answers !== null) this.#servers = [serve(this.#options, answers), ...older];
  }

  /** Accepts nothing more. Resolves when the last request is answered and the last socket is closed. */
  async stopListening(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  /** Ends what is open. */
  stopNow(): void {
    for (const server of this.#servers) server.stop(true);
  }
}

function serve<Data>(options: PortOptions, answers: Answers<Data>): Bun.Server<Data> {
  const { host, port, tls, hstsMaxAgeS, onBug } = options;
  const headers: [string, string][] = [["x-content-type-options", "nosniff"]];
  if (tls !== null && hstsMaxAgeS > 0) headers.push(["strict-transport-security", `max-age=${hstsMaxAgeS}`]);
  const front = createFront(headers, onBug);
  const routes = Object.entries(answers.routes ?? {}).map(([path, answer]) => [path, front(answer)] as const);
  return Bun.serve<Data, string>({
    hostname: host,
    port,
    // Whoever reads a body limits it: the runtime's own refusal has no text, and cuts the sender off.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: 30,
    ...(tls === null ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    routes: Object.fromEntries(routes),
    fetch: front(answers.fetch),
    websocket: answers.websocket ?? { message: () => undefined },
  });
}
