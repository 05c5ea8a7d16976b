/** The format of an app's id, key and secret. It accepts the credentials of other Pusher-compatible servers. */

/** Excludes the separators of paths, keys and topics. */
export const appIdPattern = /^[A-Za-z0-9_-]{1,64}$/;
export const appIdRule = "1 to 64 letters, digits, _ or -";
export const appKeyPattern = /^[A-Za-z0-9_-]{1,100}$/;
export const appKeyRule = "1 to 100 letters, digits, _ or -";
export const appSecretPattern = /^[\x21-\x7e]{1,200}$/;
export const appSecretRule = "1 to 200 visible ASCII characters without a space";

/** With one signed request an attacker can guess a shorter secret offline. */
const secretLengthAdvised = 16;

/** A warning about a short secret; null if it is long enough. */
export function warningOf(secret: string): string | null {
  if (secret.length >= secretLengthAdvised) return null;
  return `The secret has ${secret.length} characters. A secret of fewer than ${secretLengthAdvised} can be guessed: rotate it once every backend can be updated`;
}
