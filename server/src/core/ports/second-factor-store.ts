/** TOTP secrets and backup codes, sealed by the caller. Whatever works once is used up by one caller alone. */

export interface StoredSecondFactor {
  readonly sealedSecret: string;
  readonly sealedBackupCodes: string;
  /** False until its first code was given. */
  readonly isConfirmed: boolean;
}

export interface SecondFactorStore {
  find(accountId: string): Promise<StoredSecondFactor | null>;
  /** Keeps a secret that is to be confirmed, in place of an earlier one. False where a confirmed one is there. */
  propose(accountId: string, sealedSecret: string, sealedBackupCodes: string): Promise<boolean>;
  /**
   * Counts a try at a code before it is checked. Answers until when the account takes no more codes, or null where it
   * may be checked: after `triesMax` tries none may for `lockMs`. Calls at the same moment are counted one by one.
   */
  countTry(
    accountId: string,
    nowMs: number,
    limit: { triesMax: number; lockMs: number },
  ): Promise<number | null>;
  /**
   * Uses up a code by its time step, and forgets the tries before it. False where that step or a later one was used, or
   * the secret is another one by now. With `confirms`, the second factor is in force from now on, and the account's sessions end.
   */
  spendStep(
    accountId: string,
    sealedSecret: string,
    code: { readonly step: number; readonly confirms: boolean },
  ): Promise<boolean>;
  /** Writes the codes that are left. False where somebody changed them since they were read. */
  replaceBackupCodes(accountId: string, sealedBefore: string, sealedAfter: string): Promise<boolean>;
  /** Ends the account's sessions and logins that wait for a code. False where there was none. */
  remove(accountId: string): Promise<boolean>;
}
