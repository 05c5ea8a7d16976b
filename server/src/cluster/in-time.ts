/** The limit for connecting to Redis and for the answers to the first commands. */
import type { Clock } from "../core/ports/clock.ts";
import type { RedisServer } from "./redis-target.ts";

const openMsMax = 10_000;

/** Closes the connections and throws if their work is late, because a command without an answer would wait forever. */
export async function inTime<T>(
  { host, port }: RedisServer,
  timer: Pick<Clock, "after">,
  work: Promise<T>,
  close: () => void,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = timer.after(openMsMax, () => {
    late.reject(new Error(`${host}:${port} does not answer`));
    close();
  });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
}
