/** Which entries of the live feed are wanted, as the server tells them apart; for those that are here already. */
import type { LiveEntry, LiveQuery } from "../../../server/src/admin-api/contracts/live.ts";

/** Each is a comma-separated list; empty: all. */
export type LiveFilter = { readonly [Key in Exclude<keyof LiveQuery, "after">]?: string };

export function liveMatcher(filter: LiveFilter): (entry: LiveEntry) => boolean {
  const [types, channels, users, sockets] = [
    ...[filter.type, filter.channel, filter.userId, filter.socketId],
  ].map((list = "") => list.split(",").filter((part) => part !== ""));
  const isWanted = (list: readonly string[] = [], value: string | null) =>
    list.length === 0 || (value !== null && list.includes(value));
  return (entry) =>
    isWanted(types, entry.type) &&
    isWanted(users, "userId" in entry ? entry.userId : null) &&
    isWanted(sockets, "socketId" in entry ? entry.socketId : null) &&
    (channels === undefined ||
      channels.length === 0 ||
      channelsOf(entry).some((name) => channels.some((wanted) => isChannel(name, wanted))));
}

export function channelsOf(entry: LiveEntry): readonly string[] {
  if ("channels" in entry) return entry.channels;
  return "channel" in entry && entry.channel !== null ? [entry.channel] : [];
}

function isChannel(name: string, wanted: string): boolean {
  return wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}
