/** Limits attempts to guess passwords, codes and links. */
import { Refusal } from "../core/refusal.ts";
import type { LoginThrottle, TrySource } from "./login-throttle.ts";
import type { RefusedLogin } from "./refused-logins.ts";

/** Called for each refused attempt, before the answer. There may be very many calls. */
export type OnRefusedLogin = (refused: RefusedLogin) => void;

/**
 * Counts the attempt, then does the work. If either is refused, calls OnRefusedLogin before it rejects.
 * @param target of the attempt, for the audit log, such as `person ada@example.com`
 * @throws Refusal `too_many_attempts`, and the errors of the work
 */
export type Attempt = <Result>(
  source: TrySource,
  target: string,
  work: () => Promise<Result>,
) => Promise<Result>;

/** Refusals of wrong guesses. Other refusals are mistakes, such as a new password that is too short. */
const wrongGuesses: ReadonlySet<string> = new Set([
  "login_failed",
  "wrong_password",
  "wrong_code",
  "code_used",
  "invitation_gone",
  "too_many_attempts",
]);

export function createAttempt(throttle: LoginThrottle, onRefusedLogin: OnRefusedLogin): Attempt {
  return async function attempt(source, target, work) {
    try {
      await throttle.countTry(source);
      return await work();
    } catch (error) {
      if (error instanceof Refusal && wrongGuesses.has(error.code))
        onRefusedLogin({ address: source.address, target, why: error.code });
      throw error;
    }
  };
}
