/** The latest publishes of each app on this node: the event, its sender and its recipients. */
import type { ActivityFeed, ActivityOf } from "../core/activity.ts";
import type { BudgetUse, ByteLimits } from "../core/limits/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Sender } from "../core/sender.ts";
import type { Kept } from "./kept-by-app.ts";
import { type AppRef, RecentItems } from "./recent-items.ts";

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

/** The origin of an event of a backend. */
const nobody = { socketId: null, userId: null };

export class PublishLog {
  readonly #options: PublishLogOptions;
  readonly #clock: Clock;
  readonly #kept: RecentItems<LoggedPublish>;
  /** Successive publishes often have the same sender: they share it, which saves memory. */
  #lastSender: Sender = { address: "", sdk: null };

  constructor(activity: ActivityFeed, clock: Clock, options: PublishLogOptions) {
    this.#options = options;
    this.#clock = clock;
    const { publishesPerApp: itemsPerApp, perApp, inAll } = options;
    this.#kept = new RecentItems({ itemsPerApp, perApp, inAll }, clock.now(), charactersOf);
    if (itemsPerApp === 0) return;
    activity.on("event_published", (published) =>
      this.#log(published, published.channels, nobody, published.exceptSocketId),
    );
    activity.on("client_event", (published) =>
      this.#log(published, [published.channel], published, published.socketId),
    );
  }

  get budget(): BudgetUse {
    return this.#kept.budget;
  }

  get isOn(): boolean {
    return this.#options.publishesPerApp > 0;
  }

  /** The app's publishes, oldest first. */
  of(app: AppRef): readonly Kept<LoggedPublish>[] {
    const sinceMs = this.#sinceMs;
    return this.#kept.of(app).filter(({ atMs }) => atMs >= sinceMs);
  }

  /** Since when no publish is missing. Unix time in milliseconds. */
  wholeSinceMs(app: AppRef): number {
    return this.isOn ? Math.max(this.#sinceMs, this.#kept.wholeSinceMs(app)) : this.#clock.now();
  }

  get #sinceMs(): number {
    return this.#clock.now() - this.#options.ageMsMax;
  }

  #log(
    { appId, event, data, sender, reached }: ActivityOf<"event_published" | "client_event">,
    channels: readonly string[],
    { socketId, userId }: Pick<LoggedPublish, "socketId" | "userId">,
    exceptSocketId: string | null,
  ): void {
    // This runs for every publish: copying with `...` would take longer than the rest of it.
    this.#kept.add(appId, this.#clock.now(), {
      channels,
      event,
      data: this.#options.hasData ? data : null,
      exceptSocketId,
      sender: this.#keptSender(sender),
      socketId,
      userId,
      recipients: reached.recipients,
      isLocal: reached.isLocal,
    });
  }

  #keptSender({ address, sdk }: Sender): Sender {
    const last = this.#lastSender;
    if (last.address !== address || last.sdk !== sdk) this.#lastSender = { address, sdk };
    return this.#lastSender;
  }
}

/** The estimated memory of a logged publish, in characters: its texts, and a constant for the objects. */
function charactersOf({ channels, event, data, sender }: LoggedPublish): number {
  let characters = 100 + event.length + (data?.length ?? 0);
  characters += sender.address.length + (sender.sdk?.length ?? 0);
  for (const channel of channels) characters += channel.length + 20;
  return characters;
}
