/** Which entries a watcher of the live feed wants. */
import type { LiveEntry } from "./live-entry.ts";

/** What a watcher asks for; an entry must match each list that is given. */
export interface Wanted {
  readonly type?: readonly string[] | undefined;
  /** A trailing `*` stands for any ending. */
  readonly channel?: readonly string[] | undefined;
  readonly userId?: readonly string[] | undefined;
  readonly socketId?: readonly string[] | undefined;
}

export type LiveFilter = (entry: LiveEntry) => boolean;

export function createLiveFilter({ type, channel, userId, socketId }: Wanted): LiveFilter {
  const types = type === undefined ? null : new Set<string>(type);
  const sockets = socketId === undefined ? null : new Set(socketId);
  const users = userId === undefined ? null : new Set(userId);
  const channels = channel?.map(channelTest) ?? null;

  return (entry) =>
    (types === null || types.has(entry.type)) &&
    (channels === null || channelsOf(entry).some((name) => channels.some((test) => test(name)))) &&
    (sockets === null || ("socketId" in entry && sockets.has(entry.socketId))) &&
    (users === null || ("userId" in entry && entry.userId !== null && users.has(entry.userId)));
}

function channelTest(wanted: string): (name: string) => boolean {
  if (!wanted.endsWith("*")) return (name) => name === wanted;
  const prefix = wanted.slice(0, -1);
  return (name) => name.startsWith(prefix);
}

export function channelsOf(entry: LiveEntry): readonly string[] {
  if ("channels" in entry) return entry.channels;
  return "channel" in entry && entry.channel !== null ? [entry.channel] : [];
}
