/** Waiting for a thing to happen: never a sleep, always a deadline that a busy machine can meet. */

const patienceMs = 60_000;
const pollIntervalMs = 10;

/** The promise, or an error that names what did not come in time. */
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

/** Asks again and again until the answer is neither false nor null nor undefined, and returns it. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = patienceMs,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as NonNullable<Exclude<T, false>>;
    }
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
}
