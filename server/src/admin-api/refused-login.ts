/** Tells of logins that were refused because something in them was wrong. Those that the throttle refuses are counted there. */
import { Refusal } from "../core/refusal.ts";
import type { RefusedLogin } from "../people/refused-logins.ts";

/** Called for each refused login, before it is answered. Who writes them down must expect many. */
export type OnRefusedLogin = (refused: RefusedLogin) => void;

/** Does the work; where it is refused, that is told first. */
export type NoteRefusedLogin = <Result>(
  address: string | null,
  target: string,
  work: () => Promise<Result>,
) => Promise<Result>;

export function createNoteRefusedLogin(onRefusedLogin: OnRefusedLogin): NoteRefusedLogin {
  return async function noteRefused(address, target, work) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal) onRefusedLogin({ address, target, why: error.code });
      throw error;
    }
  };
}
