/** The time, passed in so that tests can control it. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Calls `run` once after the delay, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void;
  /**
   * Like `after`, but up to half a second earlier or later, when the process is awake for another task. For work that repeats
   * every few seconds: most of what it costs an idle process is the wake.
   */
  afterAbout(delayMs: number, run: () => void): () => void;
}
