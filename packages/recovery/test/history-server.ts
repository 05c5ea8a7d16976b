/** A minimal server with one numbered history. Other tests run the plugin against the real server. */
import type { ServerWebSocket } from "bun";

interface Sent {
  readonly event: string;
  readonly data: { readonly channel: string; readonly recover?: Recover };
}

interface Recover {
  readonly epoch: string;
  readonly offset: number;
  readonly socket_id: string;
}

type Socket = ServerWebSocket<{ readonly id: string }>;

export class HistoryServer {
  /** The `recover` of each subscription, in order; null for a subscription without one. */
  readonly recovers: (Recover | null)[] = [];
  epoch: string | null = "life-1";
  readonly #events: string[] = [];
  readonly #subscribers = new Set<Socket>();
  readonly #server: Bun.Server<{ readonly id: string }>;
  #connections = 0;

  constructor() {
    this.#server = Bun.serve<{ readonly id: string }>({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request, server) => {
        this.#connections += 1;
        server.upgrade(request, { data: { id: `1.${this.#connections}` } });
        return undefined;
      },
      websocket: {
        open: (socket) => {
          const data = JSON.stringify({ socket_id: socket.data.id, activity_timeout: 120 });
          socket.send(JSON.stringify({ event: "pusher:connection_established", data }));
        },
        message: (socket, text) => this.#receive(socket, JSON.parse(String(text))),
        close: (socket) => void this.#subscribers.delete(socket),
      },
    });
  }

  get port(): number {
    return Number(this.#server.port);
  }

  publish(data: string): void {
    this.#events.push(data);
    for (const socket of this.#subscribers) this.#send(socket, this.#events.length);
  }

  /** Breaks the connection of every client, as a failing network does. */
  cut(): void {
    for (const socket of this.#subscribers) socket.terminate();
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  #receive(socket: Socket, sent: Sent): void {
    if (sent.event !== "pusher:subscribe") return;
    const { channel, recover = null } = sent.data;
    this.recovers.push(recover);
    const newest = this.#events.length;
    const isWhole = recover !== null && recover.epoch === this.epoch;
    const answer = isWhole
      ? { recovered: true, replayed: newest - recover.offset }
      : { recovered: false, reason: "unknown_epoch" };
    const data = this.epoch === null ? {} : { epoch: this.epoch, offset: newest, ...(recover && answer) };
    socket.send(
      JSON.stringify({
        event: "pusher_internal:subscription_succeeded",
        channel,
        data: JSON.stringify(data),
      }),
    );
    if (isWhole) for (let offset = recover.offset + 1; offset <= newest; offset++) this.#send(socket, offset);
    this.#subscribers.add(socket);
  }

  #send(socket: Socket, offset: number): void {
    socket.send(JSON.stringify({ event: "e", channel: "news", data: this.#events[offset - 1], offset }));
  }
}
