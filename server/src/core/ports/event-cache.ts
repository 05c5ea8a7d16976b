/** The last event of each cache channel, across nodes. */
export interface EventCache {
  set(appId: string, channel: string, event: CachedEvent, ttlMs: number): Promise<void>;
  get(appId: string, channel: string): Promise<(CachedEvent & { readonly ttlMs: number }) | null>;
  /** True for the first miss since the channel last had an event or a subscriber. */
  noteMiss(appId: string, channel: string): Promise<boolean>;
  /** Called when a channel is vacated: the next miss is a first one again. */
  forgetMiss(appId: string, channel: string): Promise<void>;
}

export interface CachedEvent {
  readonly name: string;
  readonly data: string;
}
