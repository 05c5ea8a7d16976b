/** The client port: its sockets and the topics they subscribe to. */
import type { ServerWebSocket } from "bun";
import type { Socket } from "../core/connection.ts";
import type { RuntimeTopics } from "../core/node-topics.ts";
import { type Answers, Port, type PortOptions } from "./port.ts";
import type { SocketData, SocketServer } from "./web-socket-door.ts";

/** The runtime's result of a publish while a subscriber of the topic has unsent bytes. */
const someoneIsBehind = -1;

/** The bytes published to topics with slow subscribers after which `onCheckDue` is called to find these. */
export interface CheckAfter {
  readonly frameBytes: number;
  /** A frame counts once for each subscriber of its topic. */
  readonly sentBytes: number;
}

export class Listener extends Port<SocketData> implements RuntimeTopics {
  readonly #checkAfter: CheckAfter;
  #untilCheck: { frameBytes: number; sentBytes: number };
  #onCheckDue: () => void = () => undefined;

  constructor(options: PortOptions, checkAfter: CheckAfter) {
    super(options);
    this.#checkAfter = checkAfter;
    this.#untilCheck = { ...checkAfter };
  }

  /**
   * Returns the port number.
   * @param onCheckDue called when connections with unsent bytes must be searched
   * @throws if the address is in use or the certificate is invalid
   */
  open(answers: Required<Answers<SocketData>>, onCheckDue: () => void): number {
    this.#onCheckDue = onCheckDue;
    return this.listen(answers);
  }

  publish(topic: string, frame: string): void {
    for (const server of this.servers) this.#count(server.publish(topic, frame), topic, frame);
  }

  publishExcept(topic: string, frame: string, socket: Socket): void {
    for (const server of this.servers) {
      const answer = isOn(server, socket) ? socket.publish(topic, frame) : server.publish(topic, frame);
      this.#count(answer, topic, frame);
    }
  }

  subscriberCount(topic: string): number {
    let count = 0;
    for (const server of this.servers) count += server.subscriberCount(topic);
    return count;
  }

  #count(answer: unknown, topic: string, frame: string): void {
    if (answer !== someoneIsBehind) return;
    const bytes = Buffer.byteLength(frame);
    this.#untilCheck.frameBytes -= bytes;
    this.#untilCheck.sentBytes -= bytes * this.subscriberCount(topic);
    if (this.#untilCheck.frameBytes > 0 && this.#untilCheck.sentBytes > 0) return;
    this.#untilCheck = { ...this.#checkAfter };
    this.#onCheckDue();
  }
}

function isOn(server: SocketServer, socket: Socket): socket is ServerWebSocket<SocketData> {
  return "data" in socket && (socket.data as SocketData).server === server;
}
