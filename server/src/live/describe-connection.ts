/** Describes connections for the admin API and the live feed. */
import type { Connection, Transport } from "../core/connection.ts";

export interface DescribedConnection {
  readonly socketId: string;
  readonly address: string;
  readonly origin: string | null;
  /** The SDK's name, such as `js`. */
  readonly client: string | null;
  readonly version: string | null;
  readonly transport: Transport;
  readonly userId: string | null;
  /** ISO 8601. */
  readonly openedAt: string;
}

export interface DescribedOpenConnection extends DescribedConnection {
  readonly channelCount: number;
  readonly channels: string[];
  readonly protocol: number;
  readonly queuedBytes: number;
}

export function describeConnection({
  socketId,
  socket,
  peer,
  user,
  openedAtMs,
}: Connection): DescribedConnection {
  const { address, origin, handshake } = peer;
  return {
    socketId,
    address,
    origin,
    client: handshake.client || null,
    version: handshake.version || null,
    transport: socket.transport ?? "websocket",
    userId: user?.id ?? null,
    openedAt: new Date(openedAtMs).toISOString(),
  };
}

/** Describes an open connection with all or the first of its channels. */
export function describeOpen(
  connection: Connection,
  channelsMax = Number.POSITIVE_INFINITY,
): DescribedOpenConnection {
  return {
    ...describeConnection(connection),
    channelCount: connection.subscriptions.size,
    channels: [...connection.subscriptions.keys().take(channelsMax)],
    protocol: connection.peer.handshake.protocol,
    queuedBytes: connection.socket.getBufferedAmount(),
  };
}
