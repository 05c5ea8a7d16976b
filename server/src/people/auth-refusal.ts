/** What better-auth refuses, in the words of this API. */
import { APIError } from "better-auth/api";
import { Refusal } from "../core/refusal.ts";

const wrongPassword = () => new Refusal("wrong_password", "The password is wrong");
const wrongCode = () => new Refusal("wrong_code", "The code is wrong: take the newest one");
const beginAgain = () => new Refusal("sign_in_failed", "Too late or too many codes: sign in again");

const refusals: Readonly<Record<string, () => Refusal>> = {
  INVALID_EMAIL_OR_PASSWORD: () =>
    new Refusal("sign_in_failed", "The e-mail address or the password is wrong"),
  INVALID_PASSWORD: wrongPassword,
  CREDENTIAL_ACCOUNT_NOT_FOUND: wrongPassword,
  INVALID_CODE: wrongCode,
  INVALID_BACKUP_CODE: wrongCode,
  INVALID_TWO_FACTOR_COOKIE: beginAgain,
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: beginAgain,
  ACCOUNT_TEMPORARILY_LOCKED: () =>
    new Refusal("too_many_attempts", "Too many wrong codes: try again in 15 minutes", { retryAfterS: 900 }),
  TOTP_ALREADY_ENABLED: () =>
    new Refusal("second_factor_exists", "There is a second factor already: remove it first"),
  TOTP_NOT_ENABLED: () => new Refusal("second_factor_missing", "There is no second factor: make one first"),
};

/** Awaits an answer of better-auth. @throws Refusal where it refused, and what it threw where that was a bug */
export async function orRefusal<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const refusal = refusals[String(error.body?.code)];
    throw refusal === undefined ? error : refusal();
  }
}
