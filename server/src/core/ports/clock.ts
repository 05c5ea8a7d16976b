/** Time, handed in, so that a test can own it. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Runs once after the delay, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void;
}
