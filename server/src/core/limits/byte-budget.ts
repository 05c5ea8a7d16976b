/** Limits the bytes in memory for each app and for all apps together. It only counts: its user frees the memory. */

export interface ByteLimits {
  readonly perApp: number;
  readonly inAll: number;
}

/** How much of a budget is used. */
export interface BudgetUse {
  readonly limits: ByteLimits;
  readonly inAll: number;
  /** The most since the start. */
  readonly peakInAll: number;
  of(appId: string): number;
}

/**
 * An app at its limit does not reduce the space of other apps. If `take` fails, the caller frees the oldest data of
 * the same app and tries again, or does not store the new data.
 */
export class ByteBudget implements BudgetUse {
  readonly limits: ByteLimits;
  readonly #byApp = new Map<string, number>();
  #inAll = 0;
  #peakInAll = 0;

  constructor(limits: ByteLimits) {
    this.limits = limits;
  }

  get inAll(): number {
    return this.#inAll;
  }

  get peakInAll(): number {
    return this.#peakInAll;
  }

  of(appId: string): number {
    return this.#byApp.get(appId) ?? 0;
  }

  /** Counts the bytes. Returns false, and counts nothing, if the app or all apps together would exceed their limit. */
  take(appId: string, bytes: number): boolean {
    const ofApp = this.of(appId) + bytes;
    if (ofApp > this.limits.perApp || this.#inAll + bytes > this.limits.inAll) return false;
    this.#inAll += bytes;
    this.#peakInAll = Math.max(this.#peakInAll, this.#inAll);
    this.#byApp.set(appId, ofApp);
    return true;
  }

  /** Releases bytes that were taken before. */
  give(appId: string, bytes: number): void {
    const left = this.of(appId) - bytes;
    this.#inAll -= bytes;
    if (left > 0) this.#byApp.set(appId, left);
    else this.#byApp.delete(appId);
  }
}
