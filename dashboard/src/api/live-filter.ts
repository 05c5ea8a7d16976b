/** Applies the server\'s live filter to the entries that are already in the page. */
import type { LiveEntry, LiveQuery } from "../../../server/src/admin-api/contracts/live.ts";
import { createLiveFilter } from "../../../server/src/live/live-filter.ts";

/** Each field is a comma-separated list; an empty list matches everything. */
export type LiveFilter = { readonly [Key in Exclude<keyof LiveQuery, "after">]?: string };

export function liveMatcher({ type, channel, userId, socketId }: LiveFilter): (entry: LiveEntry) => boolean {
  return createLiveFilter({
    type: listOf(type),
    channel: listOf(channel),
    userId: listOf(userId),
    socketId: listOf(socketId),
  });
}

function listOf(text = ""): readonly string[] | undefined {
  const list = text.split(",").filter((part) => part !== "");
  return list.length === 0 ? undefined : list;
}
