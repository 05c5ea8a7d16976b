/** Filters the entries of the live feed for a watcher. */

/** The filter of a watcher: an entry must match each given list. */
export interface Wanted {
  readonly type?: readonly string[] | undefined;
  /** A trailing `*` matches any ending. */
  readonly channel?: readonly string[] | undefined;
  readonly userId?: readonly string[] | undefined;
  readonly socketId?: readonly string[] | undefined;
}

/** The fields of an entry that the filter reads. */
interface Filterable {
  readonly type: string;
  readonly channel?: string | null;
  readonly channels?: readonly string[];
  readonly userId?: string | null;
  readonly memberships?: readonly { readonly userId: string }[];
  readonly socketId?: string;
}

export type LiveFilter = (entry: Filterable) => boolean;

export function createLiveFilter({ type, channel, userId, socketId }: Wanted): LiveFilter {
  const types = type === undefined ? null : new Set(type);
  const sockets = socketId === undefined ? null : new Set(socketId);
  const users = userId === undefined ? null : new Set(userId);
  const channels = channel?.map(channelTest) ?? null;

  return (entry) =>
    (types === null || types.has(entry.type)) &&
    (channels === null || channelsOf(entry).some((name) => channels.some((test) => test(name)))) &&
    (sockets === null || (entry.socketId !== undefined && sockets.has(entry.socketId))) &&
    (users === null ||
      [entry, ...(entry.memberships ?? [])].some(({ userId }) => userId != null && users.has(userId)));
}

function channelTest(wanted: string): (name: string) => boolean {
  if (!wanted.endsWith("*")) return (name) => name === wanted;
  const prefix = wanted.slice(0, -1);
  return (name) => name.startsWith(prefix);
}

export function channelsOf({ channel, channels }: Filterable): readonly string[] {
  if (channels !== undefined) return channels;
  return channel == null ? [] : [channel];
}
