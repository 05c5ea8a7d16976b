/** What the server remembers of an app, told afterwards: its newest errors, and the timeline of a connection. */
import type { App } from "../core/app.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { Refusal } from "../core/refusal.ts";
import type { ActivityHistory, ClosedConnection } from "../live/activity-history.ts";
import { describeConnection, describeOpen } from "../live/describe-connection.ts";
import type { Kept } from "../live/recent-by-app.ts";
import type { Timeline } from "./contracts/history.ts";
import { type Handlers, isoTime } from "./handlers.ts";

/** Null where the connection was never pinged. */
export type LastPing = (
  connection: Connection,
) => { readonly atMs: number; readonly isAnswered: boolean } | null;

export function createHistoryHandlers(
  history: ActivityHistory,
  hub: Hub,
  lastPing: LastPing,
): Handlers<"listErrors" | "getConnectionTimeline"> {
  function closedAs(app: App, socketId: string): ClosedConnection | null {
    for (const { item } of history.closed.of(app)) if (item.socketId === socketId) return item;
    return null;
  }

  return {
    listErrors({ app }) {
      const { errors, refusedRequests } = history;
      const kept = [...errors.of(app)].map(entryOf);
      const refused = [...refusedRequests.of(app)].map((one) => {
        const entry = entryOf(one);
        return { ...entry, id: `request-${entry.id}` };
      });
      const sinceMs = Math.max(errors.wholeSinceMs(app), refusedRequests.wholeSinceMs(app));
      return {
        errors: [...kept, ...refused].sort((a, b) => a.at.localeCompare(b.at)).reverse(),
        rememberedSince: isoTime(sinceMs),
      };
    },

    getConnectionTimeline({ app, params: { socketId } }) {
      const open = hub.find(app.id, socketId);
      const closed = open === null ? closedAs(app, socketId) : null;
      const described = open === null ? closed : describeConnection(open);
      if (described === null) throw unknownConnection(socketId, history.closed.wholeSinceMs(app));
      const ping = open === null ? null : lastPing(open);
      const sinceMs = history.steps.wholeSinceMs(app);
      return {
        timeline: {
          opened: openedEntry(described),
          steps: [...history.steps.of(app)].filter(({ item }) => item.socketId === socketId).map(entryOf),
          closed: closed === null ? null : closedEntry(closed),
          lastPing: ping === null ? null : { at: isoTime(ping.atMs), isAnswered: ping.isAnswered },
          rememberedSince: isoTime(sinceMs),
          isWhole: Date.parse(described.openedAt) >= sinceMs,
        },
        connection: open === null ? null : describeOpen(open),
      };
    },
  };
}

function unknownConnection(socketId: string, sinceMs: number): Refusal {
  return new Refusal(
    "connection_not_found",
    `No connection ${socketId.slice(0, 50)} is open on this node or has closed here since ${isoTime(sinceMs)}`,
  );
}

function entryOf<Item>({ sequence, atMs, item }: Kept<Item>) {
  return { id: String(sequence), at: isoTime(atMs), ...item };
}

function openedEntry({
  socketId,
  address,
  origin,
  client,
  version,
  openedAt,
}: ReturnType<typeof describeConnection>): Timeline["opened"] {
  return {
    id: "opened",
    at: openedAt,
    type: "connection_opened",
    socketId,
    address,
    origin,
    client,
    version,
  };
}

function closedEntry({
  socketId,
  userId,
  openedAt,
  closedAt,
  code,
  reason,
}: ClosedConnection): NonNullable<Timeline["closed"]> {
  const openForMs = Math.max(0, Date.parse(closedAt) - Date.parse(openedAt));
  return { id: "closed", at: closedAt, type: "connection_closed", socketId, userId, code, reason, openForMs };
}
