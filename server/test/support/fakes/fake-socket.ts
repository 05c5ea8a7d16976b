/** A socket that records its frames and its close, and connections over it. */
import { Connection, type Peer, type Socket } from "../../../src/core/connection.ts";
import { appRecord } from "../app-record.ts";
import { FakeTopics } from "./fake-topics.ts";

export class FakeSocket implements Socket {
  readonly frames: string[] = [];
  /** The bytes that the client has not read yet. */
  unsentBytes = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly #topics: FakeTopics;

  constructor(topics: FakeTopics) {
    this.#topics = topics;
  }

  send(frame: string): void {
    if (this.closed === null) this.frames.push(frame);
  }

  subscribe(topic: string): void {
    if (this.closed === null) this.#topics.add(topic, this);
  }

  unsubscribe(topic: string): void {
    this.#topics.remove(topic, this);
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.#topics.removeEverywhere(this);
  }

  getBufferedAmount(): number {
    return this.unsentBytes;
  }
}

export interface FakeConnection {
  readonly connection: Connection;
  readonly socket: FakeSocket;
}

export const peer: Peer = {
  address: "192.0.2.7",
  origin: "https://example.com",
  handshake: { protocol: 7, client: "js", version: "8.6.0" },
};

export function fakeConnection(
  socketId: string,
  appId: string,
  openedAtMs = 0,
  topics = new FakeTopics(),
): FakeConnection {
  const socket = new FakeSocket(topics);
  return { connection: new Connection(socketId, appRecord(appId, []), socket, peer, openedAtMs), socket };
}
