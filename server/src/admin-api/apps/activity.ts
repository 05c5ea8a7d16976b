/** `GET /apps/{appId}/activity`: the past entries of an app's live feed that are still in the memory of all nodes. */
import type { Hub } from "../../core/hub.ts";
import type { ActivityHistory } from "../../live/activity-history.ts";
import { createLiveFilter } from "../../live/live-filter.ts";
import { type PastEntry, pastEntries, pastSinceMs } from "../../live/past-entries.ts";
import type { PublishLog } from "../../live/publish-log.ts";
import type { AppRef } from "../../live/recent-items.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { EndpointValue } from "../endpoints.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { keyedPage, latestFirst, mergePages } from "../page.ts";
import { withNode } from "./connections.ts";

interface ActivityOf {
  readonly app: AppRef;
  readonly query: EndpointValue<"listActivity", "query">;
}

export function createActivityHandlers(
  records: { readonly hub: Hub; readonly history: ActivityHistory; readonly publishLog: PublishLog },
  allNodes: AllNodes,
): Handlers<"listActivity"> {
  const activityOf = allNodes.question("activity", ({ app, query }: ActivityOf) => ({
    page: keyedPage(
      wanted(pastEntries(records, app), query),
      ({ atMs, key }) => `${latestFirst(atMs)} ${key} ${allNodes.me.id}`,
      ({ atMs, key, entry }) => ({ id: `${allNodes.me.id} ${key}`, at: isoTime(atMs), ...entry }),
      query,
    ),
    sinceMs: pastSinceMs(records, app),
    hasPublishes: records.publishLog.isOn,
  }));

  return {
    async listActivity({ app: { id, createdAtMs }, query }) {
      const { parts, unanswered } = await activityOf({ app: { id, createdAtMs }, query });
      const { items, ...page } = mergePages(parts.map(withNode(({ answer }) => answer.page)), query);
      return {
        entries: items,
        ...page,
        rememberedSince: isoTime(allNodes.wholeSinceMs(parts.map(({ answer }) => answer.sinceMs))),
        hasPublishes: parts.some(({ answer }) => answer.hasPublishes),
        unanswered,
      };
    },
  };
}

function* wanted(entries: Iterable<PastEntry>, query: ActivityOf["query"]): Iterable<PastEntry> {
  const isWanted = createLiveFilter(query);
  const fromMs = Date.parse(query.from);
  const toMs = query.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.to);
  for (const one of entries) if (one.atMs >= fromMs && one.atMs <= toMs && isWanted(one.entry)) yield one;
}
