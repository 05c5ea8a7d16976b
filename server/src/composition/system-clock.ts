/** The clock of the machine. */
import type { Clock } from "../core/ports/clock.ts";

/** How much earlier or later than asked `afterAbout` may run a task. */
const slackMs = 500;

interface Waiting {
  readonly fromMs: number;
  readonly run: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The tasks of `afterAbout`. */
const waiting = new Set<Waiting>();

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(() => {
      run();
      if (waiting.size > 0) runWaiting();
    }, delayMs);
    return () => clearTimeout(timer);
  },
  afterAbout(delayMs, run) {
    const task: Waiting = {
      fromMs: performance.now() + delayMs - slackMs,
      run: () => {
        waiting.delete(task);
        run();
      },
      timer: setTimeout(() => task.run(), delayMs + slackMs),
    };
    waiting.add(task);
    return () => end(task);
  },
};

/** Runs the tasks that may run now, because the process is awake. */
function runWaiting(): void {
  const nowMs = performance.now();
  // A copy, because a task may plan another.
  for (const task of [...waiting]) {
    if (task.fromMs > nowMs || !waiting.has(task)) continue;
    end(task);
    task.run();
  }
}

function end(task: Waiting): void {
  waiting.delete(task);
  clearTimeout(task.timer);
}
