/** Finds WebSocket connections with unsent bytes, and closes some of them if those bytes exceed a limit. */
import type { ByteLimits } from "../core/limits/byte-budget.ts";

export interface SlowReader {
  readonly appId: string | null;
  /** It had unsent bytes at the last check. If it closes without a close frame, it was too slow. */
  isCongested: boolean;
  readonly unsentBytes: number;
  /** Closes it without a close frame, which it would not read. */
  cut(): void;
}

export class SlowReaders {
  readonly #limits: ByteLimits;
  #isChecking = false;

  /** @param limits of the unsent bytes of an app's connections, and of all connections */
  constructor(limits: ByteLimits) {
    this.#limits = limits;
  }

  /**
   * Marks the connections with unsent bytes. If an app's connections have more than an app may have, those with the
   * most are cut until the rest fits; then the same for all connections.
   */
  check(connections: Iterable<SlowReader>): void {
    // A cut connection leaves its channels, and publishing that may cause the next check.
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      const byApp = new Map<string | null, Behind[]>();
      for (const connection of connections) {
        const bytes = connection.unsentBytes;
        connection.isCongested = bytes > 0;
        if (bytes === 0) continue;
        const behind = byApp.get(connection.appId) ?? [];
        behind.push({ connection, bytes });
        byApp.set(connection.appId, behind);
      }
      for (const behind of byApp.values()) cutTo(behind, this.#limits.perApp);
      cutTo([...byApp.values()].flat(), this.#limits.inAll);
    } finally {
      this.#isChecking = false;
    }
  }
}

interface Behind {
  readonly connection: SlowReader;
  bytes: number;
}

function cutTo(behind: Behind[], bytesMax: number): void {
  let total = 0;
  for (const { bytes } of behind) total += bytes;
  if (total <= bytesMax) return;
  for (const one of behind.sort((a, b) => b.bytes - a.bytes)) {
    if (total <= bytesMax) return;
    total -= one.bytes;
    one.bytes = 0;
    one.connection.cut();
  }
}
