/** Hashes and checks passwords with Argon2id, a few at a time: each takes much memory and processor time. */
import { Refusal } from "../core/refusal.ts";

export interface Hashing {
  readonly memoryKib: number;
  readonly passes: number;
}

/** More than three times the memory that OWASP asks for at this number of passes. */
export const strongHashing: Hashing = { memoryKib: 65_536, passes: 2 };

const atOnceMax = 2;
const waitingMax = 50;

export class Passwords {
  readonly #options: Bun.Password.Argon2Algorithm;
  #decoy: Promise<string> | null = null;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ memoryKib, passes }: Hashing) {
    this.#options = { algorithm: "argon2id", memoryCost: memoryKib, timeCost: passes };
  }

  /** @throws Refusal `too_many_attempts` where too many wait already */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => Bun.password.hash(password, this.#options));
  }

  /**
   * @param hash null where there is no such account: that takes as long, and is false
   * @throws Refusal `too_many_attempts` where too many wait already
   */
  async verify(password: string, hash: string | null): Promise<boolean> {
    this.#decoy ??= Bun.password.hash("nobody has this password", this.#options);
    const expected = hash ?? (await this.#decoy);
    const isRight = await this.#inTurn(() => Bun.password.verify(password, expected));
    return isRight && hash !== null;
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= atOnceMax) {
      if (this.#waiting.length >= waitingMax)
        throw new Refusal("too_many_attempts", "Too many people log in at this moment: try again in 5 s", {
          retryAfterS: 5,
        });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
