/** Signatures of the Pusher protocol: the signed texts, the hash, and the comparison. */
import { timingSafeEqual } from "node:crypto";

/** Hex HMAC-SHA256, the only signature of the protocol. */
export function hmacSha256(secret: string, text: string): string {
  return new Bun.CryptoHasher("sha256", secret).update(text).digest("hex");
}

/** A secret whose part of the hash is computed once, for one that checks or makes many signatures. */
export class SigningKey {
  readonly #start: Bun.CryptoHasher;

  constructor(secret: string) {
    this.#start = new Bun.CryptoHasher("sha256", secret);
  }

  /** The signature in hex. */
  sign(text: string): string {
    return this.#start.copy().update(text).digest("hex");
  }

  /** Whether the signature (hex in either case) is valid for the text. All signatures of one length take the same time. */
  hasSigned(text: string, signature: string): boolean {
    return isHexOf(this.#start.copy().update(text).digest(), signature, digestBuffers.sha256);
  }
}

/** Whether `hex`, of either case, is the MD5 of the text. */
export function isMd5Of(text: string, hex: string): boolean {
  return isHexOf(Bun.MD5.hash(text), hex, digestBuffers.md5);
}

/** Buffers for digests that are given in hex. They are reused, because allocating them costs more than the comparison. */
const digestBuffers = { sha256: Buffer.alloc(32), md5: Buffer.alloc(16) };

function isHexOf(digest: NodeJS.TypedArray, hex: string, buffer: Buffer): boolean {
  return (
    hex.length === buffer.length * 2 &&
    buffer.write(hex, "hex") === buffer.length &&
    timingSafeEqual(digest, buffer)
  );
}

const shortCharsMax = 64;
/** Buffers for two hex digests. They are reused for the same reason. */
const textBuffers = { left: Buffer.alloc(shortCharsMax * 3), right: Buffer.alloc(shortCharsMax * 3) };

/** Compares two texts in a time that depends only on their lengths. */
export function equalInConstantTime(expected: string, given: string): boolean {
  if (expected.length !== given.length) return false;
  if (expected.length > shortCharsMax) {
    const [left, right] = [Buffer.from(expected), Buffer.from(given)];
    return left.length === right.length && timingSafeEqual(left, right);
  }
  textBuffers.left.fill(0).write(expected);
  textBuffers.right.fill(0).write(given);
  return timingSafeEqual(textBuffers.left, textBuffers.right);
}

/** The signature covers the channel data if there is any, on private channels as well. */
export function channelStringToSign(socketId: string, channel: string, channelData: string | null): string {
  return channelData === null ? `${socketId}:${channel}` : `${socketId}:${channel}:${channelData}`;
}

export function userStringToSign(socketId: string, userData: string): string {
  return `${socketId}::user::${userData}`;
}

const signatureKey = "auth_signature";

/** The text that an HTTP API request signs. */
export function requestStringToSign(method: string, path: string, signedQuery: string): string {
  return `${method}\n${path}\n${signedQuery}`;
}

/**
 * The query as it is signed: `key=value&…`, sorted by key, without `auth_signature`.
 * @param query keys in lower case, values decoded
 */
export function queryToSign(query: readonly (readonly [string, string])[]): string {
  // Most SDKs send the pairs already sorted.
  const pairs = isSorted(query) ? query : query.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let text = "";
  for (const [key, value] of pairs)
    if (key !== signatureKey) text += `${text === "" ? "" : "&"}${key}=${value}`;
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
