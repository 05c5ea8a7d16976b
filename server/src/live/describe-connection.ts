/** Describes connections for the admin API and the live feed. */
import { type Connection, type Membership, membershipsOf, type Transport } from "../core/connection.ts";

export interface DescribedConnection {
  readonly socketId: string;
  readonly address: string;
  readonly origin: string | null;
  /** The SDK's name, such as `js`. */
  readonly client: string | null;
  readonly version: string | null;
  readonly transport: Transport;
  /** The signed-in user. */
  readonly userId: string | null;
  readonly memberships: Membership[];
  /** ISO 8601. */
  readonly openedAt: string;
}

export interface DescribedOpenConnection extends DescribedConnection {
  readonly channelCount: number;
  readonly channels: string[];
  readonly protocol: number;
  readonly queuedBytes: number;
}

export function describeConnection(
  connection: Connection,
  memberships = membershipsOf(connection),
): DescribedConnection {
  const { socketId, socket, peer, user, openedAtMs } = connection;
  const { address, origin, handshake } = peer;
  return {
    socketId,
    address,
    origin,
    client: handshake.client || null,
    version: handshake.version || null,
    transport: socket.transport ?? "websocket",
    userId: user?.id ?? null,
    memberships,
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
    channelCount: connection.subscriptions.size(),
    channels: [...connection.subscriptions.keys().take(channelsMax)],
    protocol: connection.peer.handshake.protocol,
    queuedBytes: connection.socket.getBufferedAmount(),
  };
}

/** The ids of the signed-in user and of the connection's members. */
export function describedUserIds({
  userId,
  memberships,
}: Pick<DescribedConnection, "userId" | "memberships">): string[] {
  return [userId ?? [], memberships.map((one) => one.userId)].flat();
}
