/** Bytes that may be kept for apps: so many for one app, so many for all together. It counts; who keeps makes room. */

export interface ByteLimits {
  readonly perApp: number;
  readonly inAll: number;
}

/**
 * An app that has used its part can take nothing from another. Where a taking fails, the keeper drops what it kept
 * longest for the same app and tries again, or does not keep.
 */
export class ByteBudget {
  readonly #limits: ByteLimits;
  readonly #byApp = new Map<string, number>();
  #inAll = 0;

  constructor(limits: ByteLimits) {
    this.#limits = limits;
  }

  get inAll(): number {
    return this.#inAll;
  }

  of(appId: string): number {
    return this.#byApp.get(appId) ?? 0;
  }

  /** False where the app or all apps together would have too many; then nothing was taken. */
  take(appId: string, bytes: number): boolean {
    const ofApp = this.of(appId) + bytes;
    if (ofApp > this.#limits.perApp || this.#inAll + bytes > this.#limits.inAll) return false;
    this.#inAll += bytes;
    this.#byApp.set(appId, ofApp);
    return true;
  }

  /** Gives back what was taken before. */
  give(appId: string, bytes: number): void {
    const left = this.of(appId) - bytes;
    this.#inAll -= bytes;
    if (left > 0) this.#byApp.set(appId, left);
    else this.#byApp.delete(appId);
  }
}
