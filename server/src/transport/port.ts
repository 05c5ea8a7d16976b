/** One port: a Bun server, and after a change of certificates the older ones until their last socket is gone. */

export interface PortOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly httpBodyBytesMax: number;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly onBug: (error: unknown) => void;
}

/** Makes a server of these options: see `serveOptions`. */
export type Serve<Data> = (options: PortOptions) => Bun.Server<Data>;

export class Port<Data = undefined> {
  #options: PortOptions;
  #serve: Serve<Data> | null = null;
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
  listen(serve: Serve<Data>): number {
    const server = serve(this.#options);
    this.#serve = serve;
    this.#servers = [server];
    return server.port ?? this.#options.port;
  }

  /** New connections get the new certificate; those that are open stay as they are. */
  replaceTls(tls: { readonly cert: string; readonly key: string }): void {
    const [current] = this.#servers;
    const port = current?.port ?? this.#options.port;
    // Bun cannot change certificates in place. A wrong one must fail before the old server stops listening.
    this.#serve?.({ ...this.#options, host: "127.0.0.1", port: 0, tls }).stop(true);
    const older = this.#servers.filter(({ pendingWebSockets }) => pendingWebSockets > 0);
    current?.stop();
    this.#options = { ...this.#options, port, tls };
    if (this.#serve !== null) this.#servers = [this.#serve(this.#options), ...older];
  }

  /** Accepts nothing more; what is open goes on. */
  stopListening(): void {
    for (const server of this.#servers) server.stop();
  }

  stopNow(): void {
    for (const server of this.#servers) server.stop(true);
  }
}

/** For `Bun.serve`. What a request throws costs that request alone, and its answer tells nothing of the server's inside. */
export function serveOptions({ host, port, httpBodyBytesMax, tls, onBug }: PortOptions) {
  return {
    hostname: host,
    port,
    maxRequestBodySize: httpBodyBytesMax,
    idleTimeout: 30,
    ...(tls === null ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    error(error: Error) {
      onBug(error);
      return new Response("Internal server error\n", { status: 500 });
    },
  };
}
