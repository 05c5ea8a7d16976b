/** Signatures of the Pusher protocol: the signed texts, the hash, and the comparison. */
import { timingSafeEqual } from "node:crypto";

/** Hex HMAC-SHA256, the only signature of the protocol. */
export function hmacSha256(secret: string, text: string): string {
  return new Bun.CryptoHasher("sha256", secret).update(text).digest("hex");
}

export function md5(bytes: string | Uint8Array): string {
  return Bun.MD5.hash(bytes, "hex");
}

const shortCharsMax = 64;
/** Buffers for two hex digests, reused by each comparison: allocating them would cost more than the comparison. */
const room = { left: Buffer.alloc(shortCharsMax * 3), right: Buffer.alloc(shortCharsMax * 3) };

/** Compares two texts in a time that depends only on their lengths. */
export function equalInConstantTime(expected: string, given: string): boolean {
  if (expected.length !== given.length) return false;
  if (expected.length > shortCharsMax) {
    const [left, right] = [Buffer.from(expected), Buffer.from(given)];
    return left.length === right.length && timingSafeEqual(left, right);
  }
  room.left.fill(0).write(expected);
  room.right.fill(0).write(given);
  return timingSafeEqual(room.left, room.right);
}

/** The signature covers the channel data if there is any, on private channels as well. */
export function channelStringToSign(socketId: string, channel: string, channelData: string | null): string {
  return channelData === null ? `${socketId}:${channel}` : `${socketId}:${channel}:${channelData}`;
}

export function userStringToSign(socketId: string, userData: string): string {
  return `${socketId}::user::${userData}`;
}

const signatureKey = "auth_signature";

/**
 * The text that an HTTP API request signs: `METHOD\n/path\nkey=value&…`, sorted by key, without `auth_signature`.
 * @param query keys in lower case, values decoded
 */
export function requestStringToSign(
  method: string,
  path: string,
  query: readonly (readonly [string, string])[],
): string {
  // Most SDKs send the pairs already sorted.
  const pairs = isSorted(query) ? query : query.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let text = `${method}\n${path}\n`;
  let separator = "";
  for (const pair of pairs) {
    if (pair[0] === signatureKey) continue;
    text += `${separator}${pair[0]}=${pair[1]}`;
    separator = "&";
  }
  return text;
}

/** Ignores the signature, which is not signed itself and may be anywhere. */
function isSorted(pairs: readonly (readonly [string, string])[]): boolean {
  let last = "";
  for (const pair of pairs) {
    if (pair[0] === signatureKey) continue;
    if (pair[0] < last) return false;
    last = pair[0];
  }
  return true;
}

/** Splits `KEY:SIGNATURE`; null if there is no colon. */
export function splitAuth(auth: string): { readonly key: string; readonly signature: string } | null {
  const colon = auth.indexOf(":");
  return colon < 0 ? null : { key: auth.slice(0, colon), signature: auth.slice(colon + 1) };
}
