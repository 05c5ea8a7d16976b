/** Stores the tokens of the admin API as hashes. The token itself is shown once, to the person who created it. */

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  /**
   * `admin`, `read` or `app:<id>@<createdAtMs>`, which does not match a later app with the same id. Older releases
   * stored `app:<id>`.
   */
  readonly scopes: readonly string[];
  readonly createdBy: string;
  /**
   * The account that created the token, directly or through another token. The token is revoked when the account
   * loses the permission to create tokens. Null: no account.
   */
  readonly ownerId: string | null;
  readonly createdAtMs: number;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface TokenStore {
  /** Oldest first, including revoked and expired tokens. */
  list(): Promise<ApiToken[]>;
  /** @throws TokenConflict if the id or the hash is taken */
  create(token: ApiToken, hash: string): Promise<void>;
  /** Also finds revoked and expired tokens: the caller checks them. */
  findByHash(hash: string): Promise<ApiToken | null>;
  /** Returns false if there is no such token or it is already revoked; the earlier time is kept. */
  revoke(tokenId: string, atMs: number): Promise<boolean>;
  /** Stores the latest time. Ignores a token that no longer exists. */
  recordUse(tokenId: string, atMs: number): Promise<void>;
}

export class TokenConflict extends Error {}
