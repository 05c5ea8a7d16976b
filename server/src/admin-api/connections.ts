/** Open connections and those that closed lately. */
import { noted } from "../actions/change-app.ts";
import type { AuditLog } from "../core/audit-log.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { Refusal } from "../core/refusal.ts";
import { closeCodes } from "../protocol/errors.ts";
import type { ActivityHistory } from "./activity-history.ts";
import { describeOpen } from "./describe-connection.ts";
import { type Handlers, isoTime } from "./handlers.ts";
import { pageOf, sortableNumber } from "./page.ts";

const listedChannelsMax = 100;

export function createConnectionHandlers(
  hub: Hub,
  { closed }: ActivityHistory,
  audit: AuditLog,
): Handlers<"listConnections" | "listClosedConnections" | "getConnection" | "closeConnection"> {
  function find(appId: string, socketId: string): Connection {
    const connection = hub.find(appId, socketId);
    if (connection !== null) return connection;
    throw new Refusal("connection_not_found", `No connection ${socketId.slice(0, 50)} is open on this node`);
  }

  return {
    listConnections({ app, query }) {
      const { channel, userId } = query;
      const wanted = [...hub.connections(app.id)].filter(
        (connection) =>
          (channel === undefined || connection.subscriptions.has(channel)) &&
          (userId === undefined || isOfUser(connection, userId)),
      );
      const { items, nextCursor } = pageOf(
        wanted,
        ({ openedAtMs, socketId }) => `${sortableNumber(openedAtMs)} ${socketId}`,
        query,
      );
      return {
        connections: items.map((connection) => describeOpen(connection, listedChannelsMax)),
        nextCursor,
      };
    },
    listClosedConnections({ app, query }) {
      const { items, nextCursor } = pageOf(
        closed.of(app),
        ({ sequence }) => sortableNumber(Number.MAX_SAFE_INTEGER - sequence),
        query,
      );
      return {
        connections: items.map(({ item }) => item),
        nextCursor,
        rememberedSince: isoTime(closed.wholeSinceMs(app)),
      };
    },
    getConnection: ({ app, params }) => ({
      connection: describeOpen(find(app.id, params.socketId)),
    }),
    async closeConnection({ app, actor, params }) {
      const connection = find(app.id, params.socketId);
      hub.close(connection, closeCodes.unauthorized, "Closed by an administrator");
      await audit.append({
        ...noted(actor),
        action: "connection.close",
        target: `connection ${connection.socketId}`,
        appId: app.id,
        before: { userId: connection.user?.id ?? null, address: connection.peer.address },
        after: null,
      });
    },
  };
}

/** Signed in as the user, or a member with that id. */
function isOfUser({ user, subscriptions }: Connection, userId: string): boolean {
  return user?.id === userId || subscriptions.values().some((subscription) => subscription.userId === userId);
}
