import type { Connection } from "@soketify/admin";

/**
 * The signed-in user, and each other id with a presence channel where the connection has it, such as
 * `ada (presence-lobby)`. Null if there is none.
 */
export function userWords(connection: Pick<Connection, "userId" | "memberships"> | null): string | null {
  if (connection === null) return null;
  const { userId, memberships } = connection;
  const members = memberships
    .filter((member) => member.userId !== userId)
    .map((member) => `${member.userId} (${member.channel})`);
  return [userId ?? [], members].flat().join(", ") || null;
}
