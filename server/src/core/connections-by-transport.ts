/** Counts the open connections of each transport. */
import type { Transport } from "./connection.ts";

/** Open connections without WebSocket. */
export type SessionCounts = Readonly<Record<Exclude<Transport, "websocket">, number>>;

export const noSessions: SessionCounts = { xhr_streaming: 0, xhr_polling: 0 };

/** @param connectionCount all open connections */
export function connectionsByTransport(
  connectionCount: number,
  { xhr_streaming, xhr_polling }: SessionCounts,
): Readonly<Record<Transport, number>> {
  return { websocket: connectionCount - xhr_streaming - xhr_polling, xhr_streaming, xhr_polling };
}
