/** The handlers for an app's recent past: its newest errors, and the timeline of a connection. */
import type { Connection } from "../../core/connection.ts";
import type { Hub } from "../../core/hub.ts";
import { Refusal } from "../../core/refusal.ts";
import type { ActivityHistory, ClosedConnection } from "../../live/activity-history.ts";
import {
  type DescribedConnection,
  describeConnection,
  describeOpen,
} from "../../live/describe-connection.ts";
import type { Kept } from "../../live/kept-by-app.ts";
import { closedDetails, openedDetails } from "../../live/past-entries.ts";
import type { AppRef } from "../../live/recent-items.ts";
import { type AllNodes, refuseIfUnanswered } from "../../management/all-nodes.ts";
import type { Timeline } from "../contracts/history.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { thatFit } from "../page.ts";
import { channelsShownMax } from "./connections.ts";

/** Null if the connection was never pinged. */
export type LastPing = (
  connection: Connection,
) => { readonly atMs: number; readonly isAnswered: boolean } | null;

interface OneOf {
  readonly app: AppRef;
  readonly socketId: string;
}

const errorsShownMax = 120;

export function createHistoryHandlers(
  history: ActivityHistory,
  hub: Hub,
  lastPing: LastPing,
  allNodes: AllNodes,
): Handlers<"listErrors" | "getConnectionTimeline"> {
  const { errors, refusedRequests, closed, steps } = history;

  function closedAs(app: AppRef, socketId: string): ClosedConnection | null {
    for (const { item } of closed.of(app)) if (item.socketId === socketId) return item;
    return null;
  }

  const errorsOf = allNodes.question("errors", (app: AppRef) => ({
    errors: thatFit(
      newestFirst([
        ...[...errors.of(app)].map(entryOf).reverse(),
        ...[...refusedRequests.of(app)].map(requestEntryOf).reverse(),
      ]),
    ),
    sinceMs: Math.max(errors.wholeSinceMs(app), refusedRequests.wholeSinceMs(app)),
  }));

  const timelineOf = allNodes.question("timeline", ({ app, socketId }: OneOf) => {
    const open = hub.find(app.id, socketId);
    const gone = open === null ? closedAs(app, socketId) : null;
    const described = open === null ? gone : describeConnection(open);
    if (described === null) return { found: null, sinceMs: closed.wholeSinceMs(app) };
    const ping = open === null ? null : lastPing(open);
    const done = [...steps.of(app)].filter(({ item }) => item.socketId === socketId).map(entryOf);
    const latest = thatFit(done.toReversed()).reverse();
    const sinceMs = steps.wholeSinceMs(app);
    return {
      found: {
        opened: openedEntry(described),
        steps: latest,
        closed: gone === null ? null : closedEntry(gone),
        lastPing: ping === null ? null : { at: isoTime(ping.atMs), isAnswered: ping.isAnswered },
        rememberedSince: isoTime(sinceMs),
        isWhole: latest.length === done.length && Date.parse(described.openedAt) >= sinceMs,
        connection: open === null ? null : describeOpen(open, channelsShownMax),
      },
      sinceMs,
    };
  });

  return {
    async listErrors({ app: { id, createdAtMs } }) {
      const { parts, unanswered } = await errorsOf({ id, createdAtMs });
      const all = parts.flatMap(({ nodeId, node, answer }) =>
        answer.errors.map((entry) => ({
          ...entry,
          id: node === null ? entry.id : `${nodeId}-${entry.id}`,
          node,
        })),
      );
      const sinceMs = allNodes.wholeSinceMs(parts.map(({ answer }) => answer.sinceMs));
      return {
        errors: newestFirst(all).slice(0, errorsShownMax),
        rememberedSince: isoTime(sinceMs),
        unanswered,
      };
    },

    async getConnectionTimeline({ app: { id, createdAtMs }, params: { socketId } }) {
      const { parts, unanswered } = await timelineOf({ app: { id, createdAtMs }, socketId });
      for (const { node, answer } of parts) {
        if (answer.found === null) continue;
        const { connection, ...timeline } = answer.found;
        return { timeline, connection: connection === null ? null : { ...connection, node }, node };
      }
      refuseIfUnanswered(unanswered, `No other node has connection ${socketId.slice(0, 50)}`);
      throw unknownConnection(socketId, allNodes.wholeSinceMs(parts.map(({ answer }) => answer.sinceMs)));
    },
  };
}

/** Adds an id that is unique among all errors. */
function requestEntryOf<Item>(kept: Kept<Item>) {
  const entry = entryOf(kept);
  return { ...entry, id: `request-${entry.id}` };
}

function newestFirst<Entry extends { readonly at: string }>(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => b.at.localeCompare(a.at));
}

function unknownConnection(socketId: string, sinceMs: number): Refusal {
  return new Refusal(
    "connection_not_found",
    `No connection ${socketId.slice(0, 50)} is open or has closed since ${isoTime(sinceMs)}`,
  );
}

function entryOf<Item>({ sequence, atMs, item }: Kept<Item>) {
  return { id: String(sequence), at: isoTime(atMs), ...item };
}

function openedEntry(connection: DescribedConnection): Timeline["opened"] {
  return { id: "opened", at: connection.openedAt, ...openedDetails(connection) };
}

function closedEntry(connection: ClosedConnection): NonNullable<Timeline["closed"]> {
  return { id: "closed", at: connection.closedAt, ...closedDetails(connection) };
}
