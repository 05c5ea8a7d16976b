/** The handlers that trace published events: their senders, and whether they were sent to a user. */
import type { Hub } from "../../core/hub.ts";
import type { ActivityHistory } from "../../live/activity-history.ts";
import type { Kept } from "../../live/kept-by-app.ts";
import { outcomeForUser } from "../../live/outcome-for-user.ts";
import type { LoggedPublish, PublishLog } from "../../live/publish-log.ts";
import type { AppRef } from "../../live/recent-items.ts";
import { traceUser } from "../../live/user-trace.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { EndpointValue } from "../endpoints.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { keyedPage, latestFirst, mergePages, thatFit } from "../page.ts";
import { withNode } from "./connections.ts";

interface PublishedOf {
  readonly app: AppRef;
  readonly query: EndpointValue<"listPublished", "query">;
  /** Only publishes to one of these channels; null: to any channel. */
  readonly channels: readonly string[] | null;
}

export function createPublishedHandlers(
  log: PublishLog,
  { hub, history }: { readonly hub: Hub; readonly history: ActivityHistory },
  allNodes: AllNodes,
): Handlers<"listPublished" | "getUser"> {
  const publishedOf = allNodes.question("published", ({ app, query, channels }: PublishedOf) => ({
    page: keyedPage(
      log.of(app).filter(({ item }) => isWanted(item, query.event, channels)),
      ({ atMs, sequence }) => `${latestFirst(atMs)} ${latestFirst(sequence)} ${allNodes.me.id}`,
      ({ sequence, atMs, item }: Kept<LoggedPublish>) => ({
        sequence,
        at: isoTime(atMs),
        ...item,
        channels: [...item.channels],
      }),
      query,
    ),
    sinceMs: log.wholeSinceMs(app),
    isOn: log.isOn,
  }));

  const connectionsOf = allNodes.question(
    "user",
    ({ app, userId }: { readonly app: AppRef; readonly userId: string }) => ({
      connections: thatFit(traceUser(hub, history, app, userId)),
      sinceMs: Math.max(history.steps.wholeSinceMs(app), history.closed.wholeSinceMs(app)),
    }),
  );

  async function userOf(app: AppRef, userId: string) {
    const { parts, unanswered } = await connectionsOf({ app, userId });
    const connections = parts.flatMap(({ nodeId, node, answer }) =>
      answer.connections.map((one) => ({ ...one, nodeId, node })),
    );
    const sinceMs = allNodes.wholeSinceMs(parts.map(({ answer }) => answer.sinceMs));
    return { connections, rememberedSince: isoTime(sinceMs), unanswered };
  }

  return {
    async getUser({ app: { id, createdAtMs }, params: { userId } }) {
      const { connections, ...rest } = await userOf({ id, createdAtMs }, userId);
      const latest = connections.toSorted((a, b) => b.openedAt.localeCompare(a.openedAt));
      return { connections: latest.map(({ nodeId: _, ...one }) => one), ...rest };
    },

    async listPublished({ app: { id, createdAtMs }, query }) {
      const app = { id, createdAtMs };
      const user = query.userId === undefined ? null : await userOf(app, query.userId);
      const entered = user?.connections.flatMap(({ stays }) => stays.map(({ channel }) => channel)) ?? null;
      const channels = query.channel === undefined ? entered : [query.channel];
      const { parts, unanswered } = await publishedOf({ app, query, channels: unique(channels) });
      const ids = new Map(parts.map(({ node, nodeId }) => [node?.id ?? null, nodeId]));
      const { items, ...page } = mergePages(parts.map(withNode(({ answer }) => answer.page)), query);
      const published = items.map(({ sequence, ...one }) => {
        const nodeId = ids.get(one.node?.id ?? null) ?? "";
        const forUser =
          user === null ? null : outcomeForUser({ ...one, nodeId }, user.connections, user.rememberedSince);
        return { id: `${nodeId}-${sequence}`, ...one, forUser };
      });
      const silent = [...unanswered, ...(user?.unanswered ?? [])];
      return {
        published,
        ...page,
        rememberedSince: isoTime(allNodes.wholeSinceMs(parts.map(({ answer }) => answer.sinceMs))),
        isOn: parts.some(({ answer }) => answer.isOn),
        unanswered: silent.filter((one, index) => silent.findIndex(({ id }) => id === one.id) === index),
      };
    },
  };
}

function unique(channels: readonly string[] | null): readonly string[] | null {
  return channels === null ? null : [...new Set(channels)];
}

function isWanted(
  publish: LoggedPublish,
  event: string | undefined,
  channels: readonly string[] | null,
): boolean {
  if (event !== undefined && publish.event !== event) return false;
  return channels === null || publish.channels.some((channel) => channels.includes(channel));
}
