/** A user's open and closed connections on this node, and the periods of their subscriptions. */
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { serverToUserChannel } from "../protocol/channel-name.ts";
import type { ActivityHistory, ClosedConnection } from "./activity-history.ts";
import { type DescribedConnection, describeConnection, describedUserIds } from "./describe-connection.ts";
import type { Kept } from "./kept-by-app.ts";
import type { EntryDetails, StepType } from "./live-entry.ts";
import type { AppRef } from "./recent-items.ts";

/** Times are ISO 8601. */
export interface Stay {
  readonly channel: string;
  /** Null: it began before the first stored step of the connection. */
  readonly from: string | null;
  /** Null: still subscribed. */
  readonly until: string | null;
}

export interface TracedConnection extends DescribedConnection {
  readonly closedAt: string | null;
  readonly code: number | null;
  readonly reason: string | null;
  /** The latest subscriptions. */
  readonly stays: Stay[];
  /** Whether the list is complete. */
  readonly isWhole: boolean;
}

type Step = Kept<EntryDetails<StepType>>;

const connectionsMax = 100;
const staysMax = 500;

/** Newest connections first. A connection belongs to its signed-in user and to each member that it was. */
export function traceUser(
  hub: Hub,
  { closed, steps }: ActivityHistory,
  app: AppRef,
  userId: string,
): TracedConnection[] {
  const bySocket = new Map<string, Step[]>();
  const ofUser = new Set<string>();
  for (const step of steps.of(app)) {
    const { socketId } = step.item;
    const known = bySocket.get(socketId);
    if (known === undefined) bySocket.set(socketId, [step]);
    else known.push(step);
    if ("userId" in step.item && step.item.userId === userId) ofUser.add(socketId);
  }
  const open = [...hub.connections(app.id)].filter(
    (one) => ofUser.has(one.socketId) || userIdsOf(one).includes(userId),
  );
  const gone = [...closed.of(app)].filter(
    ({ item }) => ofUser.has(item.socketId) || describedUserIds(item).includes(userId),
  );
  const sinceMs = steps.wholeSinceMs(app);
  const trace = (described: DescribedConnection, now: Iterable<string>, end: ClosedConnection | null) => {
    const stays = staysOf(bySocket.get(described.socketId) ?? [], now, end?.closedAt ?? null, userId);
    const isWhole = Date.parse(described.openedAt) >= sinceMs && stays.length <= staysMax;
    const { closedAt = null, code = null, reason = null } = end ?? {};
    return { ...described, closedAt, code, reason, stays: stays.slice(-staysMax), isWhole };
  };
  return [
    ...open.map((one) => trace(describeConnection(one), one.subscriptions.keys(), null)),
    ...gone.map(({ item }) => trace(item, [], item)),
  ]
    .sort((a, b) => b.openedAt.localeCompare(a.openedAt))
    .slice(0, connectionsMax);
}

/** The ids of the signed-in user and of the connection's members. */
export function userIdsOf({ user, subscriptions }: Connection): string[] {
  const members = [...subscriptions.values()].map((subscription) => subscription.userId);
  return [user?.id ?? null, ...members].filter((id) => id !== null);
}

/** @param now the connection's current channels @param end when it closed */
function staysOf(steps: readonly Step[], now: Iterable<string>, end: string | null, userId: string): Stay[] {
  const left: Stay[] = [];
  const begun = new Map<string, string>();
  for (const { atMs, item } of steps) {
    const at = new Date(atMs).toISOString();
    if (item.type === "subscribed") begun.set(item.channel, at);
    else if (item.type === "signed_in") begun.set(serverToUserChannel(userId), at);
    else if (item.type === "unsubscribed") {
      left.push({ channel: item.channel, from: begun.get(item.channel) ?? null, until: at });
      begun.delete(item.channel);
    }
  }
  for (const channel of now) if (!begun.has(channel)) left.push({ channel, from: null, until: null });
  return [...left, ...Array.from(begun, ([channel, from]) => ({ channel, from, until: end }))];
}
