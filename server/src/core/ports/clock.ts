/** The time, passed in so that tests can control it. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Calls `run` once after the delay, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void;
}
