/** Opens many connections, but only a few at a time, so that the server's accept backlog does not overflow. */
import { type Address, LightClient, type Listeners } from "./light-client.ts";

const atOnceByDefault = 128;

/** Calls `make` with each index from 0 to count - 1, and returns the results in that order. */
export async function inParallel<T>(
  count: number,
  make: (index: number) => Promise<T>,
  atOnce = atOnceByDefault,
): Promise<T[]> {
  const made = new Array<T>(count);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return made;
}

/** Connects `count` clients and subscribes each to its channels. */
export function openCrowd(
  address: Address,
  count: number,
  channelsOf: (index: number) => readonly string[],
  listenersOf: (index: number) => Listeners = () => ({}),
): Promise<LightClient[]> {
  return inParallel(count, async (index) => {
    const client = await LightClient.connect(address, listenersOf(index));
    await Promise.all(channelsOf(index).map((channel) => client.subscribe(channel)));
    return client;
  });
}

/** Breaks all connections without a close frame; resolves when this process has seen the end of each. */
export function closeCrowd(clients: readonly LightClient[]): void {
  for (const client of clients) client.cut();
}
