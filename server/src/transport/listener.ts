/** The client port: its sockets and the topics they subscribe to. */
import type { ServerWebSocket } from "bun";
import type { Socket } from "../core/connection.ts";
import type { Topics } from "../core/hub.ts";
import { type Answers, Port, type PortOptions } from "./port.ts";
import type { SocketData, SocketServer } from "./web-socket-door.ts";

/** The runtime's result of a publish while a subscriber of the topic has unsent bytes. */
const someoneIsBehind = -1;

export class Listener extends Port<SocketData> implements Topics {
  readonly #lookEveryBytes: number;
  #bytesUntilLook: number;
  #onLook: () => void = () => undefined;

  /** @param lookEveryBytes the bytes published to slow subscribers after which `onLook` is called to find them */
  constructor(options: PortOptions, lookEveryBytes: number) {
    super(options);
    this.#lookEveryBytes = lookEveryBytes;
    this.#bytesUntilLook = lookEveryBytes;
  }

  /**
   * Returns the port number.
   * @param onLook called when connections with unsent bytes must be searched
   * @throws if the address is in use or the certificate is invalid
   */
  open(answers: Required<Answers<SocketData>>, onLook: () => void): number {
    this.#onLook = onLook;
    return this.listen(answers);
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

function isOn(server: SocketServer, socket: Socket): socket is ServerWebSocket<SocketData> {
  return "data" in socket && (socket.data as SocketData).server === server;
}
