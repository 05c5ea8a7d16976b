/** Stores the figures of each app by minute, hour and day. */

export interface AppStats {
  /** Open connections at the end of the minute; the rounded mean for an hour or a day. */
  readonly connections: number;
  /** At least this many connections were open at one time; see `peakTogether`. */
  readonly connectionsPeak: number;
  /** Messages received from clients. */
  readonly messagesIn: number;
  /** Messages sent to clients, counted once for each receiver. */
  readonly messagesOut: number;
  readonly apiRequests: number;
  readonly errors: number;
}

export const noStats: AppStats = {
  connections: 0,
  connectionsPeak: 0,
  messagesIn: 0,
  messagesOut: 0,
  apiRequests: 0,
  errors: 0,
};

type Connections = Pick<AppStats, "connections" | "connectionsPeak">;

/**
 * The peak of two nodes in one minute. Their peaks are not summed, because they may be of different times: a client
 * that moves to the other node would count twice. So it is the highest peak of one node, or the sum at the end of the
 * minute.
 */
export function peakTogether(one: Connections, other: Connections): number {
  return Math.max(one.connectionsPeak, other.connectionsPeak, one.connections + other.connections);
}

export interface StatsPoint extends AppStats {
  /** Start of the minute, hour or day (UTC). Unix time in milliseconds. */
  readonly startMs: number;
}

/** An app's activity in an interval of some minutes. */
export interface RecentPoint {
  /** A multiple of the step. Unix time in milliseconds. */
  readonly startMs: number;
  readonly connectionsPeak: number;
  /** In and out. */
  readonly messages: number;
  readonly errors: number;
}

/** The figures of an app that a node has counted and not yet saved to the store. Plain JSON. */
export interface UnsavedStats {
  /** Increases with each minute that the node saves to the store. */
  readonly savedCount: number;
  readonly minutes: readonly StatsPoint[];
}

export type StatsResolution = "minute" | "hour" | "day";

export const statsSpanMs: { readonly [Resolution in StatsResolution]: number } = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** The start of the minute, hour or day (UTC) that contains the time. */
export function spanStart(ms: number, resolution: StatsResolution): number {
  return Math.floor(ms / statsSpanMs[resolution]) * statsSpanMs[resolution];
}

export interface StatsStore {
  /**
   * Adds one node's figures of a minute, by app id. The figures of all nodes are summed, except for the peaks, see
   * `peakTogether`. So each node must add a minute once. Add a minute without activity too: it distinguishes "nothing happened" from "no node was running".
   * @param minuteStartMs a multiple of 60,000
   */
  addMinute(minuteStartMs: number, statsByApp: ReadonlyMap<string, AppStats>): Promise<void>;
  /** Recomputes hours and days from the minutes. Idempotent: any node may call it at any time. */
  rollUp(): Promise<void>;
  /**
   * Oldest first, from `fromMs` (inclusive) to `toMs` (exclusive). A point is zero if nothing happened, and absent if
   * no node was running.
   */
  series(appId: string, resolution: StatsResolution, fromMs: number, toMs: number): Promise<StatsPoint[]>;
  /**
   * The figures of several apps, by app id. Each point covers `stepMs`, a whole number of minutes. Steps without
   * activity are left out, and so are apps without steps.
   */
  recent(appIds: readonly string[], fromMs: number, stepMs: number): Promise<Map<string, RecentPoint[]>>;
  /** The highest number of connections by app id, in the hours that start at `fromMs` or later. */
  peaks(fromMs: number): Promise<Map<string, number>>;
  /** Deletes the points that start before the time given for their resolution. */
  prune(beforeMs: { readonly [Resolution in StatsResolution]: number }): Promise<void>;
}
