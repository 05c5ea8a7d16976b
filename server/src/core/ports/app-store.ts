/** Stores apps. The store encrypts secrets when it writes and decrypts them when it reads. */
import type { AppRecord, SecretLastUsed } from "../apps/app.ts";

export interface AppStore {
  list(): Promise<AppRecord[]>;
  find(appId: string): Promise<AppRecord | null>;
  /** A number that grows with each change of any app. Other processes poll it to notice changes. */
  version(): Promise<number>;
  /** @throws AppConflict if the id or the key is taken */
  create(app: AppRecord): Promise<void>;
  /** Creates the app if there are no apps. Only one of several concurrent callers creates one. @throws AppConflict */
  createFirst(app: AppRecord): Promise<void>;
  /**
   * Saves name, key, state, settings and secrets in one transaction, as revision `app.revision + 1`.
   * @throws AppChanged if the stored revision is not `app.revision`
   */
  save(app: AppRecord): Promise<void>;
  /** Returns false if there was no such app. */
  delete(appId: string): Promise<boolean>;
  /** Stores the latest time for each secret and purpose. Ignores secrets that no longer exist. */
  recordSecretUses(uses: ReadonlyMap<string, SecretLastUsed>): Promise<void>;
}

export class AppConflict extends Error {}

export class AppChanged extends Error {}
