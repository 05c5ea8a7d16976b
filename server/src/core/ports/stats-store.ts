/** What each app did, by minute, hour and day. */

export interface AppStats {
  /** Open at the end of the minute; of an hour or a day, the mean, rounded. */
  readonly connections: number;
  readonly connectionsPeak: number;
  /** From clients. */
  readonly messagesIn: number;
  /** To clients, each receiver counted. */
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

export interface StatsPoint extends AppStats {
  /** When the minute, hour or day (UTC) began. */
  readonly startMs: number;
}

export type StatsResolution = "minute" | "hour" | "day";

export const statsSpanMs: { readonly [Resolution in StatsResolution]: number } = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** When the minute, hour or day (UTC) began that the time is in. */
export function spanStart(ms: number, resolution: StatsResolution): number {
  return Math.floor(ms / statsSpanMs[resolution]) * statsSpanMs[resolution];
}

export interface StatsStore {
  /**
   * Adds one node's minute, by app id; the nodes' figures for a minute are summed, so each adds a minute once. A minute
   * without any app is added too: it tells that nothing happened from that nobody counted.
   * @param minuteStartMs a multiple of 60,000
   */
  addMinute(minuteStartMs: number, statsByApp: ReadonlyMap<string, AppStats>): Promise<void>;
  /** Brings hours and days up to date from the minutes. Any node may, at any time, as often as it likes. */
  rollUp(): Promise<void>;
  /** Oldest first, from `fromMs` to before `toMs`. Where nothing happened all is zero; where nobody counted there is no point. */
  series(appId: string, resolution: StatsResolution, fromMs: number, toMs: number): Promise<StatsPoint[]>;
  /** Deletes the points that began before the time given for their resolution. */
  prune(beforeMs: { readonly [Resolution in StatsResolution]: number }): Promise<void>;
}
