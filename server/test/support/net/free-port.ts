/** Ports for the servers of a test. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports for outgoing connections, which could take a port while its server restarts. */
const lowest = 15_000;
const highest = 32_000;

/**
 * A free port, the first of this number of free ones in a row. Another process may take it first, so check that your own
 * server answers on it.
 */
export async function freePort(count = 1): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    const areFree = await Promise.all(Array.from({ length: count }, (_, index) => isFree(port + index)));
    if (areFree.every(Boolean)) return port;
  }
}

/** Whether a program can listen on the port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    const listening = once(probe, "listening");
    probe.listen(port, "127.0.0.1");
    await listening;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
  const closed = once(probe, "close");
  probe.close();
  await closed;
  return true;
}
