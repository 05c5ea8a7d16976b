/** Waiting for a condition: never a sleep, always with a deadline that a busy machine can meet. */

/** Shorter than the timeout of a test, so that the error names the missing condition. */
const patienceMs = 50_000;
/** The function is called again after a twentieth of the passed time, within these limits: frequent calls cost much CPU. */
const pollMs = { least: 10, most: 50, share: 0.05 };

/** Returns the promise's value, or throws an error that names the condition that was not met in time. */
export async function within<T>(what: string, promise: Promise<T>, timeoutMs = patienceMs): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${timeoutMs} ms in vain for ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Calls the function repeatedly until the result is not false, null or undefined, and returns it. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = patienceMs,
): Promise<NonNullable<Exclude<T, false>>> {
  const beganAt = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as NonNullable<Exclude<T, false>>;
    }
    const passedMs = performance.now() - beganAt;
    if (passedMs > timeoutMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    const pauseMs = Math.min(Math.max(pollMs.least, passedMs * pollMs.share), pollMs.most);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
