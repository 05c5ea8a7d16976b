/** The deliveries of one webhook that are loaded: those of a lane in order and one at a time, the lanes by turns. */
import type { DueDelivery } from "../core/ports/webhook-outbox.ts";

/** A channel, or null where the whole webhook is one lane. */
export type LaneName = string | null;

export interface Taken {
  readonly lane: LaneName;
  /** Several only where they may go out in one request. */
  readonly deliveries: readonly DueDelivery[];
}

export class Lanes {
  readonly #loaded = new Map<LaneName, DueDelivery[]>();
  readonly #busy = new Set<LaneName>();

  /** Something is loaded for the lane of the whole webhook: it waits for all others, and they wait for it. */
  get isOneLane(): boolean {
    return this.#loaded.has(null) || this.#busy.has(null);
  }

  get isIdle(): boolean {
    return this.#loaded.size === 0 && this.#busy.size === 0;
  }

  /** What is loaded or under way: rows that are read meanwhile must not be of these. */
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

  /** The next request: null where every lane is empty or busy. The lane is busy until `free`. */
  take(batchMax: number): Taken | null {
    const lane = this.#nextLane();
    const loaded = lane === undefined ? undefined : this.#loaded.get(lane);
    if (lane === undefined || loaded === undefined) return null;
    const deliveries = lane === null ? cutRequest(loaded, batchMax) : loaded.splice(0, 1);
    // To the end of the line: its next one has its turn after the other lanes.
    this.#loaded.delete(lane);
    if (loaded.length > 0) this.#loaded.set(lane, loaded);
    this.#busy.add(lane);
    return { lane, deliveries };
  }

  free(lane: LaneName): void {
    this.#busy.delete(lane);
  }

  /** Its deliveries must be read again. */
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

/** What was tried before goes out as it did then; the others together. */
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
