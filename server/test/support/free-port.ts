/** Ports for what a test starts. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that kernels lend to outgoing connections, which would take a port while its server restarts. */
const lowest = 15_000;
const highest = 32_000;

/** A port that nothing listens on now. Another process may take it first: see that what answers there is yours. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
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
