/** Whether a published event was sent to a user, and if not, why. */
import type { TracedConnection } from "./user-trace.ts";

export type Outcome = "sent" | "missed" | "excluded" | "unknown" | "not_in_channel" | "not_connected";

/** Times are ISO 8601. */
export interface FollowedPublish {
  readonly at: string;
  readonly nodeId: string;
  readonly channels: readonly string[];
  readonly exceptSocketId: string | null;
  readonly isLocal: boolean;
}

export interface FollowedConnection
  extends Pick<TracedConnection, "socketId" | "openedAt" | "closedAt" | "stays" | "isWhole"> {
  readonly nodeId: string;
}

/** The user's outcome is the first of these that any of their connections has. */
const order: readonly Outcome[] = [
  "sent",
  "missed",
  "excluded",
  "unknown",
  "not_in_channel",
  "not_connected",
];

/** @param rememberedSince the time since which no connection of the user and none of its steps is missing */
export function outcomeForUser(
  publish: FollowedPublish,
  connections: readonly FollowedConnection[],
  rememberedSince: string,
): { readonly outcome: Outcome; readonly sentTo: string[] } {
  const each = connections.map((connection) => ({
    socketId: connection.socketId,
    outcome: outcomeOn(publish, connection, rememberedSince),
  }));
  const found = new Set<Outcome>(each.map(({ outcome }) => outcome));
  if (publish.at < rememberedSince) found.add("unknown");
  return {
    outcome: order.find((outcome) => found.has(outcome)) ?? "not_connected",
    sentTo: each.flatMap(({ socketId, outcome }) => (outcome === "sent" ? [socketId] : [])),
  };
}

function outcomeOn(
  { at, nodeId, channels, exceptSocketId, isLocal }: FollowedPublish,
  connection: FollowedConnection,
  rememberedSince: string,
): Outcome {
  const { openedAt, closedAt, stays, isWhole } = connection;
  if (at < openedAt || (closedAt !== null && at > closedAt)) return "not_connected";
  const isThere = stays.some(
    ({ channel, from, until }) =>
      channels.includes(channel) && (from ?? rememberedSince) <= at && (until === null || at <= until),
  );
  if (!isThere) return isWhole || at >= rememberedSince ? "not_in_channel" : "unknown";
  if (exceptSocketId === connection.socketId) return "excluded";
  return isLocal && nodeId !== connection.nodeId ? "missed" : "sent";
}
