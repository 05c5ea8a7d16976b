/**
 * Counts the publishes of each app on this node by channel and by sender, for the last seconds and the last hour. It
 * does work once for each publish and channel, never for each recipient.
 */
import type { ActivityFeed } from "../core/activity.ts";
import { ByteBudget } from "../core/limits/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Sender } from "../core/sender.ts";
import type { AppRef } from "./recent-items.ts";
import { type Amount, type CountedNames, hourStartMs, sizeOf, slotMs, TopCounts } from "./top-counts.ts";

export type RateSpan = "live" | "hour";

export interface RatedChannel extends Amount {
  readonly channel: string;
}

export interface RatedSender extends Amount, Sender {}

export interface PublishRatesOfApp {
  /** The time that the counts cover. */
  readonly sinceMs: number;
  readonly coveredMs: number;
  /** Largest counts first. */
  readonly channels: RatedChannel[];
  readonly senders: RatedSender[];
  /** The sums of all channels and of all senders that are not listed. */
  readonly otherChannels: Amount;
  readonly otherSenders: Amount;
}

interface Counted {
  readonly sinceMs: number;
  readonly channels: TopCounts;
  readonly senders: TopCounts;
}

const byteLimits = { perApp: 1_048_576, inAll: 16 * 1_048_576 };
const listedMax = 100;

export class PublishRates {
  readonly #clock: Clock;
  readonly #budget = new ByteBudget(byteLimits);
  readonly #apps = new Map<string, Counted>();
  #slot: number;
  readonly #startMs: number;

  constructor(activity: ActivityFeed, clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#slot = slotOf(this.#startMs);
    activity.on("event_published", ({ appId, channels, sender, reached }) => {
      const counted = this.#countedOf(appId);
      for (const channel of channels) counted.channels.note(channel, 1, 0);
      counted.senders.note(keyOf(sender), 1, reached.recipients);
    });
    activity.on("client_event", ({ appId, channel, sender, reached }) => {
      const counted = this.#countedOf(appId);
      counted.channels.note(channel, 1, 0);
      counted.senders.note(keyOf(sender), 1, reached.recipients);
    });
    activity.on("delivered", ({ appId, channel, deliveries }) =>
      this.#countedOf(appId).channels.note(channel, 0, deliveries),
    );
  }

  of(app: AppRef, span: RateSpan): PublishRatesOfApp {
    this.#endSlots();
    const known = this.#apps.get(app.id);
    // These counts belong to a deleted app with the same id.
    if (known !== undefined && known.sinceMs < app.createdAtMs) this.#remove(app.id, known);
    const counted = this.#apps.get(app.id);
    const spanStartMs = span === "live" ? (this.#slot - 1) * slotMs : hourStartMs(this.#slot);
    const sinceMs = Math.max(spanStartMs, this.#startMs, app.createdAtMs);
    const of = (counts: TopCounts | undefined): CountedNames =>
      (span === "live" ? counts?.lately() : counts?.lastHour()) ?? nothing;
    const channels = listed(of(counted?.channels));
    const senders = listed(of(counted?.senders));
    return {
      sinceMs,
      coveredMs: Math.max(1_000, this.#clock.now() - sinceMs),
      channels: channels.top.map(([channel, amount]) => ({ channel, ...amount })),
      senders: senders.top.map(([key, amount]) => ({ ...senderOf(key), ...amount })),
      otherChannels: channels.others,
      otherSenders: senders.others,
    };
  }

  #countedOf(appId: string): Counted {
    this.#endSlots();
    const known = this.#apps.get(appId);
    if (known !== undefined) return known;
    const budget = {
      take: (bytes: number) => this.#budget.take(appId, bytes),
      give: (bytes: number) => this.#budget.give(appId, bytes),
    };
    const counted = {
      sinceMs: this.#clock.now(),
      channels: new TopCounts(budget),
      senders: new TopCounts(budget),
    };
    this.#apps.set(appId, counted);
    return counted;
  }

  #endSlots(): void {
    const slot = slotOf(this.#clock.now());
    const passed = slot - this.#slot;
    // The machine's clock may have been set back.
    if (passed === 0) return;
    for (const [appId, counted] of this.#apps) {
      for (const counts of [counted.channels, counted.senders])
        counts.endSlot(this.#slot, Math.max(1, passed));
      if (counted.channels.isEmpty && counted.senders.isEmpty) this.#apps.delete(appId);
    }
    this.#slot = slot;
  }

  #remove(appId: string, { channels, senders }: Counted): void {
    channels.clear();
    senders.clear();
    this.#apps.delete(appId);
  }
}

const nothing: CountedNames = { names: new Map(), others: { in: 0, out: 0, isOutPartial: false } };

function listed({ names, others }: CountedNames) {
  const all = [...names].sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
  const rest = { ...others };
  for (const [, amount] of all.slice(listedMax)) {
    rest.in += amount.in;
    rest.out += amount.out;
    rest.isOutPartial ||= amount.isOutPartial;
  }
  return { top: all.slice(0, listedMax), others: rest };
}

function slotOf(ms: number): number {
  return Math.floor(ms / slotMs);
}

/** Unambiguous, because an address contains no space. */
function keyOf({ address, sdk }: Sender): string {
  return sdk === null ? address : `${address} ${sdk}`;
}

function senderOf(key: string): Sender {
  const end = key.indexOf(" ");
  return end < 0 ? { address: key, sdk: null } : { address: key.slice(0, end), sdk: key.slice(end + 1) };
}
