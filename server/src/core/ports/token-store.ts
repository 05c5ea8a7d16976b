/** The tokens of the admin API. What is stored is a hash: a token itself is shown once, by who made it. */

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  /**
   * `admin`, `read` or `app:<id>@<createdAtMs>`: of an app as it was made then, not of a later one with the same id.
   * Releases before this kept `app:<id>`.
   */
  readonly scopes: readonly string[];
  readonly createdBy: string;
  /** The account of who made it, itself or by a token: it ends with their right to make any. Null: nobody's. */
  readonly ownerId: string | null;
  readonly createdAtMs: number;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface TokenStore {
  /** Oldest first, revoked and expired ones included. */
  list(): Promise<ApiToken[]>;
  /** @throws TokenConflict where the id or the hash is taken */
  create(token: ApiToken, hash: string): Promise<void>;
  /** Finds revoked and expired ones too: the caller judges. */
  findByHash(hash: string): Promise<ApiToken | null>;
  /** False where there is none or it was revoked before; the first time stays. */
  revoke(tokenId: string, atMs: number): Promise<boolean>;
  /** Keeps the latest time. A token that is gone is passed over. */
  recordUse(tokenId: string, atMs: number): Promise<void>;
}

export class TokenConflict extends Error {}
