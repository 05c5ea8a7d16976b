/** The port of clients: its sockets, and the topics that reach them. */
import type { WebSocketHandler } from "bun";
import type { Socket } from "../core/connection.ts";
import type { Topics } from "../core/hub.ts";
import { Port, type PortOptions, serveOptions } from "./port.ts";
import type { SocketData, SocketServer } from "./web-socket-door.ts";

type Fetch = (request: Request, server: SocketServer) => Response | undefined | Promise<Response | undefined>;

/** What the runtime answers to a publish while a subscriber of the topic has unsent bytes. */
const someoneIsBehind = -1;

export class Listener extends Port<SocketData> implements Topics {
  #bytesUntilLook: number;
  readonly #lookEveryBytes: number;
  readonly #onLook: () => void;

  /** `look.run` runs each time that this many bytes were published to those who had unsent ones: who they are can be seen then. */
  constructor(
    options: PortOptions,
    fetch: Fetch,
    websocket: WebSocketHandler<SocketData>,
    look: { readonly everyBytes: number; readonly run: () => void },
  ) {
    super(options, (given) => Bun.serve<SocketData>({ ...serveOptions(given), fetch, websocket }));
    this.#lookEveryBytes = look.everyBytes;
    this.#bytesUntilLook = look.everyBytes;
    this.#onLook = look.run;
  }

  publish(topic: string, frame: string): void {
    for (const server of this.servers) this.#count(server.publish(topic, frame), frame);
  }

  publishExcept(topic: string, frame: string, socket: Socket): void {
    for (const server of this.servers) {
      const answer = isOn(server, socket) ? socket.publish(topic, frame) : server.publish(topic, frame);
      this.#count(answer, frame);
    }
  }

  subscriberCount(topic: string): number {
    let count = 0;
    for (const server of this.servers) count += server.subscriberCount(topic);
    return count;
  }

  #count(answer: unknown, frame: string): void {
    if (answer !== someoneIsBehind) return;
    this.#bytesUntilLook -= Buffer.byteLength(frame);
    if (this.#bytesUntilLook > 0) return;
    this.#bytesUntilLook = this.#lookEveryBytes;
    this.#onLook();
  }
}

function isOn(server: SocketServer, socket: Socket): boolean {
  return "data" in socket && (socket.data as SocketData).server === server;
}
