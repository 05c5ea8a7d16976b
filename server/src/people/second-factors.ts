/** The second factor: codes of an authenticator app, or backup codes. Each code is accepted once. */
import { randomInt } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import type { Account } from "../core/ports/account-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { SecondFactorStore } from "../core/ports/second-factor-store.ts";
import { Refusal } from "../core/refusal.ts";
import { equalInConstantTime } from "../protocol/signature.ts";
import type { Seal } from "./seal.ts";

const periodS = 30;
/** The periods before and after the current one whose codes are accepted, because clocks differ. */
const periodsAround = 1;
const secretBytes = 20;
const backupCodesCount = 10;
const backupCodeChars = 10;
/** Without characters that look alike. */
const backupCodeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";
/** The limit of attempts for each account, across all its logins. Attempts require the password. */
const tries = { triesMax: 10, lockMs: 900_000 };

export interface GivenCode {
  readonly kind: "totp" | "backupCode";
  readonly code: string;
}

/** A correct code: its time step, and the secret against which it was checked. */
export interface CheckedCode {
  readonly sealedSecret: string;
  readonly step: number;
}

export class SecondFactors {
  readonly #store: SecondFactorStore;
  readonly #seal: Seal;
  readonly #clock: Pick<Clock, "now">;

  constructor(store: SecondFactorStore, seal: Seal, clock: Pick<Clock, "now">) {
    this.#store = store;
    this.#seal = seal;
    this.#clock = clock;
  }

  /** Creates a secret, which becomes active when its first code is confirmed. @throws Refusal `second_factor_exists` */
  async propose({ id, email }: Account): Promise<{ totpUri: string; backupCodes: string[] }> {
    const secret = new Secret({ size: secretBytes });
    const backupCodes = Array.from({ length: backupCodesCount }, newBackupCode);
    const sealedSecret = this.#seal.close(`base32:${secret.base32}`);
    const sealedCodes = this.#seal.close(JSON.stringify(backupCodes));
    if (!(await this.#store.propose(id, sealedSecret, sealedCodes)))
      throw new Refusal("second_factor_exists", "There already is a second factor: remove it first");
    return { totpUri: totpOf(secret, email).toString(), backupCodes };
  }

  /**
   * Counts an attempt at the first code of a proposed secret. Returns the argument for `confirm`.
   * @throws Refusal `second_factor_missing`, `second_factor_exists`, `wrong_code`, `too_many_attempts`
   */
  checkFirst({ id }: Account, code: string): Promise<CheckedCode> {
    return this.#check(id, code, { confirms: true });
  }

  /** Activates the second factor, and ends the account's sessions. @throws Refusal `code_used` */
  confirm({ id }: Account, checked: CheckedCode): Promise<void> {
    return this.#consumeStep(id, checked, { confirms: true });
  }

  /**
   * Consumes a code, even if the operation that needs it fails later: so call it before that operation and outside of
   * a transaction. Only one of several concurrent callers with the same code succeeds.
   * @throws Refusal `second_factor_missing`, `wrong_code`, `code_used`, `too_many_attempts`
   */
  async consume(accountId: string, { kind, code }: GivenCode): Promise<void> {
    if (kind === "backupCode") return this.#spendBackupCode(accountId, code);
    const checked = await this.#check(accountId, code, { confirms: false });
    await this.#consumeStep(accountId, checked, { confirms: false });
  }

  /** Removes the second factor, and ends the account's sessions. Returns false if there was none. */
  remove(accountId: string): Promise<boolean> {
    return this.#store.remove(accountId);
  }

  async #check(accountId: string, code: string, { confirms }: { confirms: boolean }): Promise<CheckedCode> {
    const stored = await this.#store.find(accountId);
    if (stored === null || (!confirms && !stored.isConfirmed)) throw missing();
    if (confirms && stored.isConfirmed)
      throw new Refusal("second_factor_exists", "The second factor is on already");
    const now = this.#clock.now();
    const lockedUntilMs = await this.#store.countTry(accountId, now, tries);
    if (lockedUntilMs !== null) throw locked(lockedUntilMs - now);
    const totp = totpOf(secretOf(this.#seal.open(stored.sealedSecret)), "");
    const delta = totp.validate({ token: code, timestamp: now, window: periodsAround });
    if (delta === null) throw wrongCode();
    return { sealedSecret: stored.sealedSecret, step: totp.counter({ timestamp: now }) + delta };
  }

  async #consumeStep(
    accountId: string,
    { sealedSecret, step }: CheckedCode,
    { confirms }: { confirms: boolean },
  ): Promise<void> {
    if (!(await this.#store.consumeStep(accountId, sealedSecret, { step, confirms })))
      throw new Refusal("code_used", "This code was used before: wait for the next one");
  }

  async #spendBackupCode(accountId: string, given: string): Promise<void> {
    for (;;) {
      const stored = await this.#store.find(accountId);
      if (stored === null || !stored.isConfirmed) throw missing();
      const before = stored.sealedBackupCodes;
      const codes = JSON.parse(this.#seal.open(before)) as string[];
      const left = codes.filter((code) => !isSameCode(code, given));
      if (left.length === codes.length) throw wrongCode();
      const after = this.#seal.close(JSON.stringify(left));
      // It fails if another code was used concurrently. Then there are fewer codes, so this loop ends.
      if (await this.#store.replaceBackupCodes(accountId, before, after)) return;
    }
  }
}

function totpOf(secret: Secret, label: string): TOTP {
  return new TOTP({ issuer: "Soketify", label, secret, algorithm: "SHA1", digits: 6, period: periodS });
}

/** Older releases stored the bytes as text. */
function secretOf(stored: string): Secret {
  if (stored.startsWith("base32:")) return Secret.fromBase32(stored.slice("base32:".length));
  return Secret.fromUTF8(stored);
}

/** Such as `k7mqp-x2n4a`. */
function newBackupCode(): string {
  const signs = Array.from(
    { length: backupCodeChars },
    () => backupCodeAlphabet[randomInt(backupCodeAlphabet.length)],
  );
  return `${signs.slice(0, backupCodeChars / 2).join("")}-${signs.slice(backupCodeChars / 2).join("")}`;
}

/** Ignores the dash, and the capital letter that some keyboards write first. */
function isSameCode(code: string, given: string): boolean {
  const plain = (text: string) => text.replace(/[^a-zA-Z0-9]/g, "");
  const expected = plain(code);
  const typed = plain(given);
  return equalInConstantTime(expected, typed) || equalInConstantTime(expected, typed.toLowerCase());
}

function wrongCode(): Refusal {
  return new Refusal("wrong_code", "The code is wrong: use the newest one");
}

function missing(): Refusal {
  return new Refusal("second_factor_missing", "There is no second factor: set one up first");
}

function locked(ms: number): Refusal {
  const minutes = Math.ceil(ms / 60_000);
  return new Refusal(
    "too_many_attempts",
    `Too many wrong codes: use a backup code, or try again in ${minutes} minutes`,
    { retryAfterS: Math.ceil(ms / 1_000) },
  );
}
