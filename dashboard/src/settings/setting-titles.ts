/** The titles of settings and of other fields, the same on every page. */
const titles: Readonly<Record<string, string>> = {
  clientEventsEnabled: "Client events",
  subscriptionCountEnabled: "Subscription count",
  watchlistEnabled: "Watchlists",
  authorizedConnectionsOnly: "Authorized connections only",
  authorizationTimeoutMs: "Authorization timeout",
  allowedOrigins: "Allowed origins",
  connectionsMax: "Connections",
  channelsPerConnectionMax: "Channels of one connection",
  messagesPerSecondMax: "Messages per second of one connection",
  clientEventsPerSecondMax: "Client events per second of one connection",
  eventPayloadBytesMax: "Event data",
  eventNameLengthMax: "Event name",
  channelNameLengthMax: "Channel name",
  channelsPerEventMax: "Channels of one event",
  eventsPerBatchMax: "Events of one batch",
  presenceMembersMax: "Members of a presence channel",
  presenceMemberBytesMax: "Data of one member",
  userDataBytesMax: "Data of one user",
  watchlistLengthMax: "Users on a watchlist",
  cacheTtlMs: "Cache TTL",
  apiRequestsPerSecondMax: "API requests per second",
  idempotencyWindowMs: "Idempotency window",
  eventHoldMsMax: "Event hold",
  webhookRequestsMax: "Concurrent webhook requests",
  channelRules: "Channel rules",
  historyEventsMax: "History events",
  historyMs: "History duration",
  rewindEventsMax: "Rewind events",
  rewindMs: "Rewind duration",
  presenceGraceMs: "Presence grace period",
  clientEventsKept: "Client events in the history",
  serverEventsEnabled: "Server events",
};

const acronyms: Readonly<Record<string, string>> = {
  api: "API",
  id: "ID",
  ids: "IDs",
  ttl: "TTL",
  url: "URL",
};

/** Names without a title of their own are split into words: `isBatching` → `Batching`, `appIds` → `App IDs`. */
export function titleOf(name: string): string {
  return titles[name] ?? wordsOf(name);
}

function wordsOf(name: string): string {
  const words = name
    .replace(/^is(?=[A-Z])/, "")
    .split(/(?=[A-Z])/)
    .map((word) => acronyms[word.toLowerCase()] ?? word.toLowerCase())
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The server's description of a setting with titles instead of names, and without the unit, which the value has. */
export function helpWords(help: string): string {
  return help
    .replace(/, in (milliseconds|bytes)/, "")
    .replace(/\b[a-z]+[A-Z]\w*/g, (name) => (name in titles ? `“${titleOf(name)}”` : name));
}
