/**
 * Hashes and checks passwords with Argon2id, on a thread of the runtime. Each takes much memory and processor time, so
 * they run one at a time. After each comes a pause of the same duration. So logins use at most half of one processor.
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";

export interface Hashing {
  readonly memoryKib: number;
  readonly passes: number;
}

/** More than three times the memory that OWASP recommends for this number of passes. */
export const strongHashing: Hashing = { memoryKib: 65_536, passes: 2 };

/** The maximum length of each of the two queues. */
const waitingMax = 50;

export class Passwords {
  readonly #options: Bun.Password.Argon2Algorithm;
  readonly #clock: Clock;
  readonly #decoy: string;
  /** Also true during the pause. */
  #isRunning = false;
  /** The queue with priority. Strangers cannot fill it. */
  readonly #known: (() => void)[] = [];
  readonly #strangers: (() => void)[] = [];

  constructor({ memoryKib, passes }: Hashing, clock: Clock) {
    this.#clock = clock;
    this.#options = { algorithm: "argon2id", memoryCost: memoryKib, timeCost: passes };
    this.#decoy = decoyHash({ memoryKib, passes });
  }

  /** Hashes a new password, with priority. @throws Refusal `too_many_attempts` if the queue is full */
  hash(password: string): Promise<string> {
    return this.#inTurn(this.#known, () => Bun.password.hash(password, this.#options));
  }

  /**
   * @param hash null if there is no such account: returns false after the same time
   * @param isUrgent whether to use the queue with priority
   * @throws Refusal `too_many_attempts` if the queue is full
   */
  async verify(password: string, hash: string | null, isUrgent: boolean): Promise<boolean> {
    const queue = isUrgent ? this.#known : this.#strangers;
    const isRight = await this.#inTurn(queue, () => Bun.password.verify(password, hash ?? this.#decoy));
    return isRight && hash !== null;
  }

  async #inTurn<Result>(queue: (() => void)[], work: () => Promise<Result>): Promise<Result> {
    if (this.#isRunning) {
      if (queue.length >= waitingMax)
        throw new Refusal("too_many_attempts", "Too many people log in at this moment: try again in 5 s", {
          retryAfterS: 5,
        });
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    this.#isRunning = true;
    const beganAtMs = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#clock.after(Math.max(0, this.#clock.now() - beganAtMs), () => this.#goOn());
    }
  }

  #goOn(): void {
    const next = this.#known.shift() ?? this.#strangers.shift();
    // The next waiter takes over directly, so that no new caller overtakes it.
    if (next === undefined) this.#isRunning = false;
    else next();
  }
}

/** In the form of a hash, but of no password: it takes as much work to check, and none to create. */
function decoyHash({ memoryKib, passes }: Hashing): string {
  const [salt, digest] = [randomBytes(32), randomBytes(32)].map((bytes) =>
    bytes.toString("base64").replace("=", ""),
  );
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${salt}$${digest}`;
}
