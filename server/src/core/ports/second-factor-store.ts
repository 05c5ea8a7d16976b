/**
 * Stores TOTP secrets and backup codes, which the caller has encrypted. A single-use code is accepted for one caller
 * only, also under concurrent calls.
 */

export interface StoredSecondFactor {
  readonly sealedSecret: string;
  readonly sealedBackupCodes: string;
  /** False until the person has entered the first code. */
  readonly isConfirmed: boolean;
}

export interface SecondFactorStore {
  find(accountId: string): Promise<StoredSecondFactor | null>;
  /**
   * Stores a secret that is not yet confirmed and replaces an earlier unconfirmed one. Returns false if there is a
   * confirmed one.
   */
  propose(accountId: string, sealedSecret: string, sealedBackupCodes: string): Promise<boolean>;
  /**
   * Counts an attempt before its code is checked. Returns null if the code may be checked, else the time until which
   * the account accepts no codes: after `triesMax` attempts it accepts none for `lockMs`. Concurrent calls are each
   * counted.
   */
  countTry(
    accountId: string,
    nowMs: number,
    limit: { triesMax: number; lockMs: number },
  ): Promise<number | null>;
  /**
   * Marks the time step of a code as used and resets the attempts. Returns false if that step or a later one was
   * used, or the secret has changed. With `confirms`, the second factor becomes active and the account's sessions
   * end.
   */
  consumeStep(
    accountId: string,
    sealedSecret: string,
    code: { readonly step: number; readonly confirms: boolean },
  ): Promise<boolean>;
  /** Stores the remaining codes. Returns false if they were changed since they were read. */
  replaceBackupCodes(accountId: string, sealedBefore: string, sealedAfter: string): Promise<boolean>;
  /**
   * Removes the second factor, and ends the account's sessions and its logins that wait for a code. Returns false if
   * there was none.
   */
  remove(accountId: string): Promise<boolean>;
}
