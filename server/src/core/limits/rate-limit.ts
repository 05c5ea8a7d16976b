export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** The state of a token bucket. It may be a part of a larger object, which saves the memory of one of its own. */
export interface Bucket {
  /** May be infinite: it is full. */
  tokens: number;
  refilledAtMs: number;
}

/** A token bucket with a rate and a burst size. */
export class RateLimit implements Bucket {
  tokens: number;
  refilledAtMs: number;

  constructor(burst: number, nowMs: number) {
    this.tokens = burst;
    this.refilledAtMs = nowMs;
  }

  /** See `takeToken`. */
  take(perSecond: number, burst: number, nowMs: number): number {
    return takeToken(this, perSecond, burst, nowMs);
  }
}

/**
 * Takes one token and returns 0, or returns the milliseconds until there is one. A clock that is set back adds no
 * tokens.
 */
export function takeToken(bucket: Bucket, perSecond: number, burst: number, nowMs: number): number {
  const elapsedMs = Math.max(0, nowMs - bucket.refilledAtMs);
  bucket.refilledAtMs = nowMs;
  bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1000);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return 0;
  }
  return Math.ceil(((1 - bucket.tokens) * 1000) / perSecond);
}
