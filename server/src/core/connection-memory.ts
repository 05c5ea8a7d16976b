/** Limits the estimated memory of subscriptions and signed-in users, so that one app's clients cannot use all of it. */
import { ByteBudget, type ByteLimits } from "./byte-budget.ts";
import type { Connection, Subscription } from "./connection.ts";

/** The bytes of a subscription without the channel's name and the member's info. */
const subscriptionBytes = 400;

export class ConnectionMemory {
  readonly budget: ByteBudget;

  constructor(limits: ByteLimits) {
    this.budget = new ByteBudget(limits);
  }

  /** Counts the bytes. Returns false if the app or all apps together would exceed their limit. */
  take(connection: Connection, bytes: number): boolean {
    if (!this.budget.take(connection.appId, bytes)) return false;
    connection.keptBytes += bytes;
    return true;
  }

  give(connection: Connection, bytes: number): void {
    this.budget.give(connection.appId, bytes);
    connection.keptBytes -= bytes;
  }

  /** Releases all bytes of a closed connection. */
  giveAll(connection: Connection): void {
    this.give(connection, connection.keptBytes);
  }
}

/** The estimated bytes. The channel's name counts twice: the roster stores it as well as the connection. */
export function bytesOfSubscription(channel: string, { infoBytes }: Subscription): number {
  return subscriptionBytes + channel.length * 2 + infoBytes;
}
