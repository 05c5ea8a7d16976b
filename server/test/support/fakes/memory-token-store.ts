/** The API tokens in memory, for tests. */
import { type ApiToken, TokenConflict, type TokenStore } from "../../../src/core/ports/token-store.ts";

export class MemoryTokenStore implements TokenStore {
  readonly #byHash = new Map<string, ApiToken>();

  async list(): Promise<ApiToken[]> {
    return [...this.#byHash.values()];
  }

  async create(token: ApiToken, hash: string): Promise<void> {
    if (this.#byHash.has(hash)) throw new TokenConflict(`Token ${token.id} is there already`);
    this.#byHash.set(hash, token);
  }

  async findByHash(hash: string): Promise<ApiToken | null> {
    return this.#byHash.get(hash) ?? null;
  }

  async revoke(tokenId: string, atMs: number): Promise<boolean> {
    return this.#change(tokenId, (token) =>
      token.revokedAtMs === null ? { ...token, revokedAtMs: atMs } : null,
    );
  }

  async recordUse(tokenId: string, atMs: number): Promise<void> {
    this.#change(tokenId, (token) => ({ ...token, lastUsedAtMs: atMs }));
  }

  #change(tokenId: string, change: (token: ApiToken) => ApiToken | null): boolean {
    for (const [hash, token] of this.#byHash) {
      const changed = token.id === tokenId ? change(token) : null;
      if (changed === null) continue;
      this.#byHash.set(hash, changed);
      return true;
    }
    return false;
  }
}
