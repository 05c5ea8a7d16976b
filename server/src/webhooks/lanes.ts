/** The loaded deliveries of one webhook. Each lane sends in order, one request at a time. The lanes take turns. */
import type { DueDelivery } from "../core/ports/webhook-outbox.ts";

/** A channel, or null if the whole webhook is one lane. */
export type LaneName = string | null;

export interface Taken {
  readonly lane: LaneName;
  /** More than one only if they may be sent in one request. */
  readonly deliveries: readonly DueDelivery[];
}

export class Lanes {
  readonly #loaded = new Map<LaneName, DueDelivery[]>();
  readonly #busy = new Set<LaneName>();

  /** Whether a delivery for the lane of the whole webhook is loaded. That lane excludes all other lanes. */
  get isOneLane(): boolean {
    return this.#loaded.has(null) || this.#busy.has(null);
  }

  get isIdle(): boolean {
    return this.#loaded.size === 0 && this.#busy.size === 0;
  }

  /** The channels with a loaded delivery or a request in progress. The next read leaves them out. */
  get channels(): string[] {
    return [...new Set([...this.#loaded.keys(), ...this.#busy])].filter((lane) => lane !== null);
  }

  load(deliveries: readonly DueDelivery[], isOneLane: boolean): void {
    for (const delivery of deliveries) {
      const lane = isOneLane ? null : delivery.channel;
      const others = this.#loaded.get(lane);
      if (others === undefined) this.#loaded.set(lane, [delivery]);
      else others.push(delivery);
    }
  }

  /** The next request; null if every lane is empty or busy. Its lane is busy until `free`. */
  take(batchMax: number): Taken | null {
    const lane = this.#nextLane();
    const loaded = lane === undefined ? undefined : this.#loaded.get(lane);
    if (lane === undefined || loaded === undefined) return null;
    const deliveries = lane === null ? cutRequest(loaded, batchMax) : loaded.splice(0, 1);
    // The lane moves to the end: its next delivery waits for the other lanes.
    this.#loaded.delete(lane);
    if (loaded.length > 0) this.#loaded.set(lane, loaded);
    this.#busy.add(lane);
    return { lane, deliveries };
  }

  free(lane: LaneName): void {
    this.#busy.delete(lane);
  }

  /** Drops the lane's deliveries, which must be read again. */
  unload(lane: LaneName): void {
    this.#loaded.delete(lane);
  }

  unloadAll(): void {
    this.#loaded.clear();
  }

  #nextLane(): LaneName | undefined {
    if (this.#busy.has(null)) return undefined;
    if (this.#loaded.has(null)) return this.#busy.size === 0 ? null : undefined;
    for (const lane of this.#loaded.keys()) if (!this.#busy.has(lane)) return lane;
    return undefined;
  }
}

/** Groups deliveries into requests: a tried batch is sent again unchanged, untried ones together. */
function cutRequest(loaded: DueDelivery[], batchMax: number): DueDelivery[] {
  const [first] = loaded;
  if (first === undefined) return [];
  const { messageId } = first;
  if (messageId !== null) {
    const others = loaded.findIndex((one) => one.messageId !== messageId);
    loaded.splice(0, others < 0 ? loaded.length : others);
    return [first];
  }
  const tried = loaded.findIndex((one) => one.messageId !== null || one.attempts > 0);
  const untried = tried < 0 ? loaded.length : tried;
  return loaded.splice(0, Math.max(1, Math.min(untried, batchMax)));
}
