/** The latest publishes of each app on this node: the event, its sender and its recipients. */
import type { ActivityFeed, ActivityOf } from "../core/activity.ts";
import type { ByteBudget, ByteLimits } from "../core/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Sender } from "../core/sender.ts";
import type { Kept } from "./kept-by-app.ts";
import { RecentItems, type Whose } from "./recent-items.ts";

export interface LoggedPublish {
  readonly channels: readonly string[];
  readonly event: string;
  /** Null: the log holds no data. */
  readonly data: string | null;
  readonly sender: Sender;
  /** The connection that sent a client event, and its user; null for an event of a backend. */
  readonly socketId: string | null;
  readonly userId: string | null;
  /** The connection that must not receive it. */
  readonly exceptSocketId: string | null;
  readonly recipients: number | null;
  readonly isLocal: boolean;
}

export interface PublishLogOptions extends ByteLimits {
  /** 0: nothing is logged. */
  readonly publishesPerApp: number;
  /** Older publishes are not returned. */
  readonly ageMsMax: number;
  readonly hasData: boolean;
}

export class PublishLog {
  readonly #options: PublishLogOptions;
  readonly #clock: Clock;
  readonly #kept: RecentItems<LoggedPublish>;

  constructor(activity: ActivityFeed, clock: Clock, options: PublishLogOptions) {
    this.#options = options;
    this.#clock = clock;
    const { publishesPerApp: itemsPerApp, perApp, inAll } = options;
    this.#kept = new RecentItems({ itemsPerApp, perApp, inAll }, clock.now(), charactersOf);
    if (itemsPerApp === 0) return;
    activity.on("event_published", ({ appId, channels, ...published }) =>
      this.#log(appId, channels, published, { socketId: null, userId: null }, published.exceptSocketId),
    );
    activity.on("client_event", ({ appId, channel, socketId, userId, ...published }) =>
      this.#log(appId, [channel], published, { socketId, userId }, socketId),
    );
  }

  get budget(): ByteBudget {
    return this.#kept.budget;
  }

  get isOn(): boolean {
    return this.#options.publishesPerApp > 0;
  }

  /** The app's publishes, oldest first. */
  of(app: Whose): readonly Kept<LoggedPublish>[] {
    const sinceMs = this.#sinceMs;
    return this.#kept.of(app).filter(({ atMs }) => atMs >= sinceMs);
  }

  /** Since when no publish is missing. Unix time in milliseconds. */
  wholeSinceMs(app: Whose): number {
    return this.isOn ? Math.max(this.#sinceMs, this.#kept.wholeSinceMs(app)) : this.#clock.now();
  }

  get #sinceMs(): number {
    return this.#clock.now() - this.#options.ageMsMax;
  }

  #log(
    appId: string,
    channels: readonly string[],
    {
      event,
      data,
      sender,
      reached,
    }: Pick<ActivityOf<"client_event">, "event" | "data" | "sender" | "reached">,
    from: Pick<LoggedPublish, "socketId" | "userId">,
    exceptSocketId: string | null,
  ): void {
    this.#kept.add(appId, this.#clock.now(), {
      ...{ channels, event, data: this.#options.hasData ? data : null, exceptSocketId },
      ...{ sender: { address: sender.address, sdk: sender.sdk }, ...from, ...reached },
    });
  }
}

/** The estimated memory of a logged publish, in characters: its texts, and a constant for the objects. */
function charactersOf({ channels, event, data, sender }: LoggedPublish): number {
  let characters = 100 + event.length + (data?.length ?? 0);
  characters += sender.address.length + (sender.sdk?.length ?? 0);
  for (const channel of channels) characters += channel.length + 20;
  return characters;
}
