/** The stored connections, steps, errors and publishes of an app on this node, as entries of the live feed. */
import type { Hub } from "../core/hub.ts";
import type { ActivityHistory, ClosedConnection } from "./activity-history.ts";
import { type DescribedConnection, describeConnection } from "./describe-connection.ts";
import { clipped, type EntryDetails } from "./live-entry.ts";
import type { LoggedPublish, PublishLog } from "./publish-log.ts";
import type { AppRef } from "./recent-items.ts";

export interface PastEntry {
  readonly atMs: number;
  /** Unique on this node, and ordered among entries of the same time and type. */
  readonly key: string;
  readonly entry: EntryDetails;
}

interface Records {
  readonly hub: Hub;
  readonly history: ActivityHistory;
  readonly publishLog: PublishLog;
}

/** Unordered. */
export function* pastEntries({ hub, history, publishLog }: Records, app: AppRef): Iterable<PastEntry> {
  const { steps, errors, refusedRequests, closed } = history;
  for (const { atMs, sequence, item } of steps.of(app)) yield { atMs, key: `step ${sequence}`, entry: item };
  // A refused message is a step, too.
  for (const { atMs, sequence, item } of errors.of(app))
    if (item.type !== "message_refused") yield { atMs, key: `error ${sequence}`, entry: item };
  for (const { atMs, sequence, item } of refusedRequests.of(app))
    yield { atMs, key: `request ${sequence}`, entry: item };
  for (const { atMs, sequence, item } of publishLog.of(app))
    yield { atMs, key: `publish ${sequence}`, entry: publishDetails(item) };
  for (const { atMs, item } of closed.of(app)) {
    yield { atMs, key: `closed ${item.socketId}`, entry: closedDetails(item) };
    yield opened(item);
  }
  for (const connection of hub.connections(app.id)) yield opened(describeConnection(connection));
}

/** Since when no entry is missing. Unix time in milliseconds. */
export function pastSinceMs({ history, publishLog }: Records, app: AppRef): number {
  const { steps, errors, refusedRequests, closed } = history;
  const all = publishLog.isOn
    ? [steps, errors, refusedRequests, closed, publishLog]
    : [steps, errors, refusedRequests, closed];
  return Math.max(...all.map((records) => records.wholeSinceMs(app)));
}

export function openedDetails(connection: DescribedConnection): EntryDetails<"connection_opened"> {
  const { userId: _, memberships: _of, openedAt: _at, ...facts } = connection;
  return { type: "connection_opened", ...facts };
}

export function closedDetails({
  socketId,
  userId,
  memberships,
  code,
  reason,
  ...times
}: ClosedConnection): EntryDetails<"connection_closed"> {
  const openForMs = Math.max(0, Date.parse(times.closedAt) - Date.parse(times.openedAt));
  return { type: "connection_closed", socketId, userId, memberships, code, reason, openForMs };
}

function opened(connection: DescribedConnection): PastEntry {
  const { socketId, openedAt } = connection;
  return { atMs: Date.parse(openedAt), key: `opened ${socketId}`, entry: openedDetails(connection) };
}

function publishDetails(publish: LoggedPublish): EntryDetails<"client_event" | "event_published"> {
  const { event, data, sender, recipients, channels, socketId, userId, exceptSocketId } = publish;
  const facts = { event, payload: data === null ? null : clipped(data), sender, recipients };
  const [channel = ""] = channels;
  return socketId === null
    ? { type: "event_published", channels: [...channels], exceptSocketId, ...facts }
    : { type: "client_event", socketId, channel, userId, ...facts };
}
