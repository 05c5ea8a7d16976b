/** Where apps live. Secrets are encrypted inside the store and plain outside of it. */
import type { AppRecord, SecretLastUsed } from "../app.ts";

export interface AppStore {
  list(): Promise<AppRecord[]>;
  find(appId: string): Promise<AppRecord | null>;
  /** A number that grows with each change of any app; other processes poll it. */
  version(): Promise<number>;
  /** @throws AppConflict where the id or the key is taken */
  create(app: AppRecord): Promise<void>;
  /**
   * Saves name, key, state, settings and secrets in one transaction, as revision `app.revision + 1`.
   * @throws AppChanged where the stored revision is not `app.revision`
   */
  save(app: AppRecord): Promise<void>;
  /** False where there was none. */
  delete(appId: string): Promise<boolean>;
  /** Keeps the latest time for each secret and purpose. Secrets that are gone are passed over. */
  recordSecretUses(uses: ReadonlyMap<string, SecretLastUsed>): Promise<void>;
}

export class AppConflict extends Error {}

export class AppChanged extends Error {}
