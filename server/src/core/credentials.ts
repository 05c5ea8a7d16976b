/** What an app's id, key and secret may be: wide enough to keep those that come from another server. */

/** No separator of paths, keys and topics is in it. */
export const appIdPattern = /^[A-Za-z0-9_-]{1,64}$/;
export const appIdRule = "1 to 64 letters, digits, _ or -";
export const appKeyPattern = /^[A-Za-z0-9_-]{1,100}$/;
export const appKeyRule = "1 to 100 letters, digits, _ or -";
export const appSecretPattern = /^[\x21-\x7e]{1,200}$/;
export const appSecretRule = "1 to 200 visible ASCII characters without a space";

/** Whoever hears one signed request may try shorter ones until one fits. */
const secretLengthAdvised = 16;

/** Null where the secret is long enough. */
export function warningOf(secret: string): string | null {
  if (secret.length >= secretLengthAdvised) return null;
  return `The secret has ${secret.length} characters, and one of fewer than ${secretLengthAdvised} may be guessed: rotate it when every backend can follow`;
}
