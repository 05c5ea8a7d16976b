/** The admin API's tokens in a database. */
import type { Selectable } from "kysely";
import { type ApiToken, TokenConflict, type TokenStore } from "../../core/ports/token-store.ts";
import { isUniqueViolation } from "../database/database-error.ts";
import type { Database, Schema } from "../database/schema.ts";

export class KyselyTokenStore implements TokenStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async list(): Promise<ApiToken[]> {
    const rows = await this.#db
      .selectFrom("apiTokens")
      .selectAll()
      .orderBy("createdAtMs")
      .orderBy("id")
      .execute();
    return rows.map(toToken);
  }

  async create(token: ApiToken, hash: string): Promise<void> {
    const row = { ...token, hash, scopes: JSON.stringify(token.scopes) };
    try {
      await this.#db.insertInto("apiTokens").values(row).execute();
    } catch (error) {
      if (isUniqueViolation(error)) throw new TokenConflict(`A token with the id ${token.id} exists already`);
      throw error;
    }
  }

  async findByHash(hash: string): Promise<ApiToken | null> {
    const row = await this.#db
      .selectFrom("apiTokens")
      .selectAll()
      .where("hash", "=", hash)
      .executeTakeFirst();
    return row === undefined ? null : toToken(row);
  }

  async revoke(tokenId: string, atMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("apiTokens")
      .set({ revokedAtMs: atMs })
      .where("id", "=", tokenId)
      .where("revokedAtMs", "is", null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async recordUse(tokenId: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable("apiTokens")
      .set({ lastUsedAtMs: atMs })
      .where("id", "=", tokenId)
      .where((eb) => eb.or([eb("lastUsedAtMs", "is", null), eb("lastUsedAtMs", "<", atMs)]))
      .execute();
  }
}

function toToken({ hash: _, scopes, ...token }: Selectable<Schema["apiTokens"]>): ApiToken {
  return { ...token, scopes: JSON.parse(scopes) };
}
