/** What listens: one Bun server, and after a change of certificates the older ones until their last socket is gone. */
import type { WebSocketHandler } from "bun";
import type { Socket } from "../core/connection.ts";
import type { Topics } from "../core/hub.ts";
import type { SocketData, SocketServer } from "./web-socket-door.ts";

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly httpBodyBytesMax: number;
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

type Fetch = (request: Request, server: SocketServer) => Response | undefined | Promise<Response | undefined>;

export class Listener implements Topics {
  readonly #fetch: Fetch;
  readonly #handler: WebSocketHandler<SocketData>;
  #options: ListenOptions;
  /** The listening one first. */
  #servers: SocketServer[] = [];
  #bytesUntilLook: number;
  readonly #lookEveryBytes: number;
  readonly #onLook: () => void;

  /** `onLook` runs each time that this many bytes were published: who is slow by then can be seen. */
  constructor(
    options: ListenOptions,
    fetch: Fetch,
    handler: WebSocketHandler<SocketData>,
    look: { readonly everyBytes: number; readonly run: () => void },
  ) {
    this.#options = options;
    this.#fetch = fetch;
    this.#handler = handler;
    this.#lookEveryBytes = look.everyBytes;
    this.#bytesUntilLook = look.everyBytes;
    this.#onLook = look.run;
  }

  /** @throws where the address is in use or the certificate is not right */
  start(): number {
    const server = this.#serve(this.#options);
    this.#servers = [server];
    return server.port ?? this.#options.port;
  }

  get pendingRequests(): number {
    return this.#servers.reduce((sum, server) => sum + server.pendingRequests, 0);
  }

  /** New connections get the new certificate; those that are open stay as they are. */
  replaceTls(tls: { readonly cert: string; readonly key: string }): void {
    const [current] = this.#servers;
    const port = current?.port ?? this.#options.port;
    // Bun cannot change certificates in place. A wrong one must fail before the old server stops listening.
    this.#serve({ ...this.#options, host: "127.0.0.1", port: 0, tls }).stop(true);
    const older = this.#servers.filter(({ pendingWebSockets }) => pendingWebSockets > 0);
    current?.stop();
    this.#options = { ...this.#options, port, tls };
    this.#servers = [this.#serve(this.#options), ...older];
  }

  /** Accepts nothing more; what is open goes on. */
  stopListening(): void {
    for (const server of this.#servers) server.stop();
  }

  stopNow(): void {
    for (const server of this.#servers) server.stop(true);
  }

  publish(topic: string, frame: string): void {
    for (const server of this.#servers) server.publish(topic, frame);
    this.#count(frame.length);
  }

  publishExcept(topic: string, frame: string, socket: Socket): void {
    for (const server of this.#servers) {
      if (isOn(server, socket)) socket.publish(topic, frame);
      else server.publish(topic, frame);
    }
    this.#count(frame.length);
  }

  subscriberCount(topic: string): number {
    let count = 0;
    for (const server of this.#servers) count += server.subscriberCount(topic);
    return count;
  }

  #count(bytes: number): void {
    this.#bytesUntilLook -= bytes;
    if (this.#bytesUntilLook > 0) return;
    this.#bytesUntilLook = this.#lookEveryBytes;
    this.#onLook();
  }

  #serve({ host, port, httpBodyBytesMax, tls }: ListenOptions): SocketServer {
    return Bun.serve<SocketData>({
      hostname: host,
      port,
      maxRequestBodySize: httpBodyBytesMax,
      idleTimeout: 30,
      ...(tls === null ? {} : { tls: { cert: tls.cert, key: tls.key } }),
      fetch: this.#fetch,
      websocket: this.#handler,
    });
  }
}

function isOn(server: SocketServer, socket: Socket): boolean {
  return "data" in socket && (socket.data as SocketData).server === server;
}
