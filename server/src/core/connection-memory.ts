/** What subscriptions and signed-in users take in memory, about, so that clients of one app leave some to the others. */
import { ByteBudget, type ByteLimits } from "./byte-budget.ts";
import type { Connection, Subscription } from "./connection.ts";

/** Of a subscription, beside the channel's name and the member's info. */
const subscriptionBytes = 400;

export class ConnectionMemory {
  readonly #budget: ByteBudget;

  constructor(limits: ByteLimits) {
    this.#budget = new ByteBudget(limits);
  }

  /** False where the app or all apps together have no room for it. */
  take(connection: Connection, bytes: number): boolean {
    if (!this.#budget.take(connection.appId, bytes)) return false;
    connection.keptBytes += bytes;
    return true;
  }

  give(connection: Connection, bytes: number): void {
    this.#budget.give(connection.appId, bytes);
    connection.keptBytes -= bytes;
  }

  /** The connection is gone. */
  giveAll(connection: Connection): void {
    this.give(connection, connection.keptBytes);
  }
}

/** The roster keeps the channel's name as the connection does. */
export function bytesOfSubscription(channel: string, { infoBytes }: Subscription): number {
  return subscriptionBytes + channel.length * 2 + infoBytes;
}
