/** Why a sign-on failed, in words: the provider's browser comes back with `?error=` and a code. */
const reasons: { readonly [Code in string]: (name: string) => string } = {
  signup_disabled: (name) =>
    `Nobody has an account here with the e-mail address that ${name} gave: ask for an invitation`,
  account_not_linked: (name) => `${name} has not verified your e-mail address, so it does not count here`,
  email_not_verified: (name) => `${name} has not verified your e-mail address, so it does not count here`,
  email_not_found: (name) => `${name} did not tell your e-mail address`,
  access_denied: (name) => `${name} refused, or the sign-on was cancelled`,
};

/** Null where there was none. */
export function signOnRefusal(code: string | null, name: string): Error | null {
  if (code === null) return null;
  if (code.startsWith("state_"))
    return new Error("The sign-on took too long, or began in another browser: try again");
  return new Error(
    reasons[code]?.(name) ?? `The sign-on failed (${code}): try again, or ask whoever runs this server`,
  );
}
