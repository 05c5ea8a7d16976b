/** What may be told of a connection: of any, and of one that is open. */
import type { Connection } from "../core/connection.ts";
import type * as contract from "./channel-contract.ts";
import { isoTime } from "./handlers.ts";

export function describeConnection({
  socketId,
  peer,
  user,
  openedAtMs,
}: Connection): Omit<contract.ClosedConnection, "closedAt" | "code" | "reason"> {
  const { address, origin, handshake } = peer;
  return {
    socketId,
    address,
    origin,
    client: handshake.client || null,
    version: handshake.version || null,
    userId: user?.id ?? null,
    openedAt: isoTime(openedAtMs),
  };
}

/** With all its channels, or the first of them. */
export function describeOpen(
  connection: Connection,
  channelsMax = Number.POSITIVE_INFINITY,
): contract.Connection {
  return {
    ...describeConnection(connection),
    channelCount: connection.subscriptions.size,
    channels: [...connection.subscriptions.keys().take(channelsMax)],
    protocol: connection.peer.handshake.protocol,
    queuedBytes: connection.socket.getBufferedAmount(),
  };
}
