/** Guarding whatever a stranger could guess at: a password, a code, a link. */
import { Refusal } from "../core/refusal.ts";
import type { LoginThrottle, TrySource } from "./login-throttle.ts";
import type { RefusedLogin } from "./refused-logins.ts";

/** Called for each refused try, before it is answered. Who writes them down must expect many. */
export type OnRefusedLogin = (refused: RefusedLogin) => void;

/**
 * Counts the try, then does the work. Where either is refused, that is noted first.
 * @param target what was tried, for the audit log, such as `person ada@example.com`
 * @throws Refusal `too_many_attempts`, and what the work throws
 */
export type Attempt = <Result>(
  source: TrySource,
  target: string,
  work: () => Promise<Result>,
) => Promise<Result>;

/** Refusals that tell of a guess; others tell of a mistake, such as a password that is too short. */
const wrongGuesses: ReadonlySet<string> = new Set([
  ...["login_failed", "wrong_password", "wrong_code", "code_used", "invitation_gone", "too_many_attempts"],
]);

export function createAttempt(throttle: LoginThrottle, onRefusedLogin: OnRefusedLogin): Attempt {
  return async function attempt(source, target, work) {
    try {
      throttle.countTry(source);
      return await work();
    } catch (error) {
      if (error instanceof Refusal && wrongGuesses.has(error.code))
        onRefusedLogin({ address: source.address, target, why: error.code });
      throw error;
    }
  };
}
