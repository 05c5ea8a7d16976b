/** Channel names. The type of a channel is in its prefix alone, dash included: `privateer` is public. */

const namePattern = /^[-A-Za-z0-9_=@,.;]+$/;
const cachePrefix = /^(?:private-encrypted-|private-|presence-)?cache-/;
const serverToUserPrefix = "#server-to-user-";

/** A name that clients may subscribe to and backends may publish to, `#server-to-user-…` aside. */
export function isChannelName(name: string, lengthMax: number): boolean {
  return name.length <= lengthMax && namePattern.test(name);
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
  return name.length > serverToUserPrefix.length && name.startsWith(serverToUserPrefix)
    ? name.slice(serverToUserPrefix.length)
    : null;
}
