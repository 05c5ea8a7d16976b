/** Why an OpenID Connect login failed, in words: the provider's browser comes back with `?error=` and a code. */
import type { OidcRefusal } from "../../../server/src/admin-api/contracts/people.ts";

const reasons: Readonly<Record<OidcRefusal, (name: string) => string>> = {
  expired: () => "The login took too long, or began in another browser: try again",
  refused: (name) => `${name} refused, or the login was cancelled`,
  failed: (name) => `${name} does not answer as it should: try again, or ask whoever runs this server`,
  no_account: (name) =>
    `Nobody has an account here with the e-mail address that ${name} gave: ask for an invitation`,
  email_missing: (name) => `${name} did not tell your e-mail address`,
  email_not_verified: (name) => `${name} has not verified your e-mail address, so it does not count here`,
};

/** Null where there was none. */
export function oidcRefusal(code: string | null, name: string): Error | null {
  if (code === null) return null;
  const reason = Object.hasOwn(reasons, code) ? reasons[code as OidcRefusal] : reasons.failed;
  return new Error(reason(name));
}
