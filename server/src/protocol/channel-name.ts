/** Channel names. Only the prefix, with its dash, decides the type of a channel: `privateer` is a public channel. */

const namePattern = /^[-A-Za-z0-9_=@,.;]+$/;
const cachePrefix = /^(?:private-encrypted-|private-|presence-)?cache-/;
const serverToUserPrefix = "#server-to-user-";
export const userIdLengthMax = 128;
/** The names that `isBackendChannelName` accepts, apart from their length. */
export const backendChannelPattern = `${namePattern.source}|^${serverToUserPrefix}.{1,${userIdLengthMax}}$`;

/** Whether clients may subscribe to the name and backends may publish to it. False for `#server-to-user-…` names. */
export function isChannelName(name: string, lengthMax: number): boolean {
  return name.length <= lengthMax && namePattern.test(name);
}

/** Whether a backend may use the name: a channel name, or `#server-to-user-…`. */
export function isBackendChannelName(name: string, lengthMax: number): boolean {
  return isChannelName(name, lengthMax) || serverToUserId(name) !== null;
}

/** The end of the error message "Invalid channel name: …". */
export function channelNameRule(lengthMax: number): string {
  return `use 1 to ${lengthMax} characters of A-Z a-z 0-9 _ - = @ , . ;`;
}

export function isPresenceChannel(name: string): boolean {
  return name.startsWith("presence-");
}

/** True for private and presence channels, and for their encrypted and cache variants. */
export function needsAuthorization(name: string): boolean {
  return name.startsWith("private-") || name.startsWith("presence-");
}

export function isEncryptedChannel(name: string): boolean {
  return name.startsWith("private-encrypted-");
}

export function isCacheChannel(name: string): boolean {
  return cachePrefix.test(name);
}

/** The channel on which backends send events to one user. */
export function serverToUserChannel(userId: string): string {
  return `${serverToUserPrefix}${userId}`;
}

/** The user id of a `#server-to-user-…` name; null for any other name. */
export function serverToUserId(name: string): string | null {
  if (!name.startsWith(serverToUserPrefix)) return null;
  const userId = name.slice(serverToUserPrefix.length);
  return userId !== "" && userId.length <= userIdLengthMax ? userId : null;
}
