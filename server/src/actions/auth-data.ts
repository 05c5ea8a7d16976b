/** Verifies and parses the auth data that a client's backend signed: `APP_KEY:SIGNATURE` and the signed JSON. */
import type { App, SecretPurpose } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { userIdLengthMax } from "../protocol/channel-name.ts";
import { isNestedTooDeeply, memberText } from "../protocol/json-text.ts";
import { splitAuth } from "../protocol/signature.ts";

/** Creates the error to throw: a SubscriptionRefused or an EventRefused. */
export type Refuse = (message: string, why: "AuthError" | "LimitReached") => Error;

export interface SignedText {
  readonly purpose: SecretPurpose;
  /** Words for error messages: `subscription` or `sign-in`, and the client's action, such as `signing in`. */
  readonly subject: string;
  readonly act: string;
  readonly auth: string;
  readonly text: string;
  /** The signed text as error messages show it. */
  readonly shownText: string;
}

const shownLengthMax = 128;

/** Returns the id of the secret that signed the text. @throws the error that `refuse` creates */
export function verifyAuth(
  registry: AppRegistry,
  app: App,
  { purpose, subject, act, auth, text, shownText }: SignedText,
  refuse: Refuse,
): string {
  const parts = splitAuth(auth);
  if (parts === null) {
    throw refuse(`Invalid signature: ${act} needs auth in the form APP_KEY:SIGNATURE`, "AuthError");
  }
  if (parts.key !== app.key) {
    const given = parts.key.slice(0, shownLengthMax);
    throw refuse(`Invalid key in ${subject} auth data: '${given}'`, "AuthError");
  }
  const secretId = registry.verify(app.id, purpose, text, parts.signature);
  if (secretId !== null) return secretId;
  const given = parts.signature.slice(0, shownLengthMax);
  throw refuse(
    `Invalid signature: Expected HMAC SHA256 hex digest of ${shownText}, but got ${given}`,
    "AuthError",
  );
}

export interface AuthData {
  readonly fields: Readonly<Record<string, unknown>>;
  /** `user_info` as the JSON text that was sent; null if there is none. */
  readonly infoJson: string | null;
}

/**
 * Parses `channel_data` or `user_data`.
 * @param idName the required key, as error messages name it
 * @throws the error that `refuse` creates
 */
export function parseAuthData(
  json: string,
  { name, idName, bytesMax }: { readonly name: string; readonly idName: string; readonly bytesMax: number },
  refuse: Refuse,
): AuthData {
  if (Buffer.byteLength(json) > bytesMax) {
    throw refuse(`${name} may be at most ${bytesMax} bytes`, "LimitReached");
  }
  const fields = parseObject(json);
  if (fields === null) throw refuse(`${name} must be a JSON object with ${idName}`, "AuthError");
  const infoJson = memberText(json, "user_info");
  if (infoJson !== null && isNestedTooDeeply(infoJson)) {
    throw refuse(`The user_info in ${name} is nested too deeply`, "LimitReached");
  }
  return { fields, infoJson };
}

export function isUserId(id: unknown): id is string {
  return typeof id === "string" && id !== "" && id.length <= userIdLengthMax && !id.includes("\0");
}

function parseObject(json: string): AuthData["fields"] | null {
  try {
    const parsed: unknown = JSON.parse(json);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as AuthData["fields"]) : null;
  } catch {
    // The caller refuses invalid JSON like JSON that is not an object.
    return null;
  }
}
