/** The words and amounts of limits, such as `Max connections` and `12.3 MB`. */
import type { LimitUse } from "../../../server/src/admin-api/contracts/limits.ts";
import { bytes, exactNumber } from "./numbers.ts";

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
  webhookRequestsMax: "Concurrent webhook requests",
  connectionsMax: "Connections",
  channelsPerConnectionMax: "Channels of one connection",
  messagesPerSecondMax: "Messages per second of one connection",
  clientEventsPerSecondMax: "Client events per second of one connection",
  apiRequestsPerSecondMax: "API requests per second",
  eventPayloadBytesMax: "Event data",
  eventNameLengthMax: "Event name",
  channelNameLengthMax: "Channel name",
  channelsPerEventMax: "Channels of one event",
  eventsPerBatchMax: "Events of one batch",
  presenceMembersMax: "Members of a presence channel",
  presenceMemberBytesMax: "Data of one member",
  userDataBytesMax: "Data of one user",
  watchlistLengthMax: "Users on a watchlist",
};

export function limitTitle(limit: string): string {
  return titles[limit] ?? limit;
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
