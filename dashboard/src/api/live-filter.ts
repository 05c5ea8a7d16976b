/** Applies the server's live filter to the entries that are already in the page. */
import type { Input, LiveEntry } from "@soketify/admin";
import { createLiveFilter } from "../../../server/src/live/live-filter.ts";

/** Each field is a comma-separated list; an empty list matches everything. */
export type LiveFilter = Readonly<Omit<NonNullable<Input<"GET /apps/{appId}/live">["query"]>, "after">>;

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
