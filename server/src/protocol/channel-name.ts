/** Channel names. The type of a channel is in its prefix alone, dash included: `privateer` is public. */

const namePattern = /^[-A-Za-z0-9_=@,.;]+$/;
const cachePrefix = /^(?:private-encrypted-|private-|presence-)?cache-/;
const serverToUserPrefix = "#server-to-user-";
export const userIdLengthMax = 128;

/** A name that clients may subscribe to and backends may publish to, `#server-to-user-…` aside. */
export function isChannelName(name: string, lengthMax: number): boolean {
  return name.length <= lengthMax && namePattern.test(name);
}

/** Any name that a backend may use: a channel's, or a user's own. */
export function isBackendChannelName(name: string, lengthMax: number): boolean {
  return isChannelName(name, lengthMax) || serverToUserId(name) !== null;
}

/** Completes "Invalid channel name: …". */
export function channelNameRule(lengthMax: number): string {
  return `use 1 to ${lengthMax} characters of A-Z a-z 0-9 _ - = @ , . ;`;
}

export function isPresenceChannel(name: string): boolean {
  return name.startsWith("presence-");
}

/** Private and presence channels, encrypted and cache ones among them. */
export function needsAuthorization(name: string): boolean {
  return name.startsWith("private-") || name.startsWith("presence-");
}

export function isEncryptedChannel(name: string): boolean {
  return name.startsWith("private-encrypted-");
}

export function isCacheChannel(name: string): boolean {
  return cachePrefix.test(name);
}

/** The user whose own channel this is, or null. */
export function serverToUserId(name: string): string | null {
  if (!name.startsWith(serverToUserPrefix)) return null;
  const userId = name.slice(serverToUserPrefix.length);
  return userId !== "" && userId.length <= userIdLengthMax ? userId : null;
}
