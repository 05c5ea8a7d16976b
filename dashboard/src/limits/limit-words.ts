/** The words and amounts of limits, such as `Connections` and `12.3 MB`. */
import type { LimitUse } from "@soketify/admin";
import { titleOf } from "../settings/setting-titles.ts";
import { bytes, exactNumber } from "../ui/numbers.ts";

/** Titles of the server's options, because their names alone are unclear. */
const titles: Readonly<Record<string, string>> = {
  memoryBytesMax: "Memory",
  openFiles: "Open files",
  subscriptionBytesMax: "Subscriptions of all apps",
  subscriptionBytesPerAppMax: "Subscriptions",
  historyBytesMax: "Histories of all apps",
  historyBytesPerAppMax: "Histories",
  idempotencyBytesMax: "Idempotency keys of all apps",
  idempotencyBytesPerAppMax: "Idempotency keys",
  publishLogBytesMax: "Publish logs of all apps",
  publishLogBytesPerAppMax: "Publish log",
  webhookPendingMax: "Pending events of one webhook",
  webhookRequestsTotalMax: "Concurrent webhook requests of all apps",
};

export function limitTitle(limit: string): string {
  return titles[limit] ?? titleOf(limit);
}

/** Bytes in a readable unit, other amounts as a number. */
export function limitAmount(limit: string, amount: number): string {
  if (limit.includes("Bytes")) return bytes(amount);
  return limit.includes("Length") && limit !== "watchlistLengthMax"
    ? `${exactNumber(amount)} characters`
    : exactNumber(amount);
}

/** Such as `Event data: 9.5 KB of 10 KB`. */
export function limitUseWords({
  limit,
  pattern,
  used,
  max,
}: Pick<LimitUse, "limit" | "pattern" | "used" | "max">): string {
  const where = pattern === undefined ? "" : ` in ${pattern}`;
  return `${limitTitle(limit)}${where}: ${limitAmount(limit, used)} of ${limitAmount(limit, max)}`;
}
