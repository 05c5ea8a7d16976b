/** Explains why an OpenID Connect login failed, from the code in `?error=` of the redirect. */
import type { OidcRefusal } from "../../../server/src/admin-api/contracts/people.ts";

const reasons: Readonly<Record<OidcRefusal, (name: string) => string>> = {
  expired: () => "The login took too long or was started in another browser. Try again.",
  refused: (name) => `${name} rejected the login, or it was cancelled.`,
  failed: (name) => `${name} sent an invalid response. Try again, or ask the server's operator.`,
  no_account: (name) => `No account has the e-mail address that ${name} sent. Ask for an invitation.`,
  email_missing: (name) => `${name} did not send your e-mail address.`,
  email_not_verified: (name) => `${name} has not verified your e-mail address, so you cannot log in with it.`,
};

/** Null if the login did not fail. */
export function oidcRefusal(code: string | null, name: string): Error | null {
  if (code === null) return null;
  const reason = Object.hasOwn(reasons, code) ? reasons[code as OidcRefusal] : reasons.failed;
  return new Error(reason(name));
}
