/** Limits the estimated memory of an app's clients: subscriptions, signed-in users, and messages that wait for their turn. */

import type { Connection, Subscription } from "../connection.ts";
import { ByteBudget, type ByteLimits } from "./byte-budget.ts";
import { bytesInMemory } from "./bytes-in-memory.ts";

/**
 * The measured bytes of the only subscription to a channel, with the channel's entries in the roster and in the
 * runtime's topics, and without its texts. A further subscription to the same channel takes less than half.
 */
const subscriptionBytes = 900;
/** How often the channel's name is stored: in the connection, in the roster, and in the runtime's topics. */
const nameCopies = 3;
/** The entries of a member in the roster, without its texts. */
const memberBytes = 300;
/** The entries of a signed-in user, and of each user on the watchlist, without their texts. */
const userBytes = 900;
const watchedBytes = 700;
/** The entry of a waiting message, without its text. */
const waitingBytes = 250;

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

export function bytesOfSubscription(channel: string, { userId, infoBytes }: Subscription): number {
  const member = userId === null ? 0 : memberBytes + bytesInMemory(userId) * 2 + infoBytes * 2;
  return subscriptionBytes + bytesInMemory(channel) * nameCopies + member;
}

/** @param userData the `user_data` of the sign-in @param watched the users on the watchlist */
export function bytesOfUser(userData: string, watched: readonly string[]): number {
  let bytes = userBytes + bytesInMemory(userData) * 2;
  for (const userId of watched) bytes += watchedBytes + bytesInMemory(userId) * nameCopies;
  return bytes;
}

export function bytesOfWaiting(frame: string | Uint8Array): number {
  return waitingBytes + (typeof frame === "string" ? bytesInMemory(frame) : frame.byteLength);
}
