/** Ports for the servers of a test. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports for outgoing connections, which could take a port while its server restarts. */
const lowest = 15_000;
const highest = 32_000;
/** At least the number of processes of `npm test`. */
const parts = 8;

const own = portsOf(process.env.BUN_TEST_WORKER_ID);
let next = randomInt(own.first, own.end);

/**
 * The ports of a process of `npm test`, up to but without `end`. No other process of the run takes them.
 * @param workerId the runtime's number of the process, from 1 on; undefined: a process that runs alone, which has all ports
 */
export function portsOf(workerId: string | undefined): { readonly first: number; readonly end: number } {
  if (workerId === undefined) return { first: lowest, end: highest };
  const size = Math.floor((highest - lowest) / parts);
  const first = lowest + (Number(workerId) % parts) * size;
  return { first, end: first + size };
}

/**
 * A free port, the first of this number of free ones in a row. This process gets it only once, so also a server that
 * restarts keeps it. A program outside of the tests may take it first, so check that your own server answers on it.
 */
export async function freePort(count = 1): Promise<number> {
  for (;;) {
    if (next + count > own.end) next = own.first;
    const port = next;
    next += count;
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
