/** What may be told of a connection, open or closed. */
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
