/** Open connections and those that closed lately. */

import { noted } from "../core/actor.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import type { ActivityHistory } from "../live/activity-history.ts";
import { describeOpen } from "../live/describe-connection.ts";
import { closeCodes } from "../protocol/errors.ts";
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
      const { channel, userId, search } = query;
      const wanted = [...hub.connections(app.id)].filter(
        (connection) =>
          (channel === undefined || connection.subscriptions.has(channel)) &&
          (userId === undefined || isOfUser(connection, userId)) &&
          (search === "" || beginsWith(connection, search)),
      );
      const { items, ...page } = pageOf(
        wanted,
        ({ openedAtMs, socketId }) => `${sortableNumber(openedAtMs)} ${socketId}`,
        query,
      );
      return {
        connections: items.map((connection) => describeOpen(connection, listedChannelsMax)),
        ...page,
      };
    },
    listClosedConnections({ app, query }) {
      const { items, ...page } = pageOf(
        closed.of(app),
        ({ sequence }) => sortableNumber(Number.MAX_SAFE_INTEGER - sequence),
        query,
      );
      return {
        connections: items.map(({ item }) => item),
        ...page,
        rememberedSince: isoTime(closed.wholeSinceMs(app)),
      };
    },
    getConnection: ({ app, params }) => ({
      connection: describeOpen(find(app.id, params.socketId)),
    }),
    async closeConnection({ app, actor, params }) {
      const connection = find(app.id, params.socketId);
      // Noted first: what cannot be noted is not done.
      await audit.append({
        ...noted(actor),
        action: "connection.close",
        target: `connection ${connection.socketId}`,
        appId: app.id,
        before: { userId: connection.user?.id ?? null, address: connection.peer.address },
        after: null,
      });
      hub.close(connection, closeCodes.unauthorized, "Closed by an administrator");
    },
  };
}

function beginsWith(connection: Connection, search: string): boolean {
  const { socketId, peer } = connection;
  return [socketId, peer.address, ...userIdsOf(connection)].some((text) => text.startsWith(search));
}

function isOfUser(connection: Connection, userId: string): boolean {
  return userIdsOf(connection).includes(userId);
}

/** Of the user who signed in, and of the members that the connection is. */
function userIdsOf({ user, subscriptions }: Connection): string[] {
  const members = [...subscriptions.values()].map((subscription) => subscription.userId);
  return [user?.id ?? null, ...members].filter((id) => id !== null);
}
