/** A socket that keeps what it was sent and how it was closed, and connections over it. */
import { Connection, type Peer, type Socket } from "../../src/core/connection.ts";

export class FakeSocket implements Socket {
  readonly frames: string[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;

  send(frame: string): void {
    this.frames.push(frame);
  }

  publish(): void {
    throw new Error("No test publishes through a fake socket");
  }

  subscribe(): void {
    return;
  }

  unsubscribe(): void {
    return;
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  getBufferedAmount(): number {
    return 0;
  }
}

export interface FakeConnection {
  readonly connection: Connection;
  readonly socket: FakeSocket;
}

const peer: Peer = {
  address: "192.0.2.7",
  origin: "https://example.com",
  handshake: { protocol: 7, client: "js", version: "8.6.0" },
};

export function fakeConnection(socketId: string, appId: string, openedAtMs = 0): FakeConnection {
  const socket = new FakeSocket();
  return { connection: new Connection(socketId, appId, socket, peer, openedAtMs), socket };
}
