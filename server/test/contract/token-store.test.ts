import { beforeEach, expect, test } from "bun:test";
import { type ApiToken, TokenConflict, type TokenStore } from "../../src/core/ports/token-store.ts";
import { KyselyTokenStore } from "../../src/storage/people/kysely-token-store.ts";
import { onEachDatabase } from "./databases.ts";

const createdAtMs = 1_790_000_000_000;

onEachDatabase((open) => {
  let store: TokenStore;

  beforeEach(async () => {
    store = new KyselyTokenStore((await open()).db);
  });

  test("a token is found only by its hash", async () => {
    await store.create(someToken, "hash 1");
    expect(await store.findByHash("hash 1")).toEqual(someToken);
    expect(await store.findByHash("HASH 1")).toBeNull();
  });

  test("tokens are listed oldest first", async () => {
    await store.create({ ...someToken, id: "t2", createdAtMs: createdAtMs + 1 }, "hash 2");
    await store.create(someToken, "hash 1");
    expect((await store.list()).map(({ id }) => id)).toEqual(["t1", "t2"]);
  });

  test("a taken id or hash is a conflict", async () => {
    await store.create(someToken, "hash 1");
    await expect(store.create(someToken, "hash 2")).rejects.toBeInstanceOf(TokenConflict);
    await expect(store.create({ ...someToken, id: "t2" }, "hash 1")).rejects.toBeInstanceOf(TokenConflict);
  });

  test("a revoked token stays, with the time of its first revocation", async () => {
    await store.create(someToken, "hash 1");
    expect(await store.revoke("t1", createdAtMs + 5)).toBeTrue();
    expect(await store.revoke("t1", createdAtMs + 6)).toBeFalse();
    expect(await store.revoke("t2", createdAtMs + 6)).toBeFalse();
    expect((await store.findByHash("hash 1"))?.revokedAtMs).toBe(createdAtMs + 5);
  });

  test("the latest use is kept", async () => {
    await store.create(someToken, "hash 1");
    await store.recordUse("t1", createdAtMs + 9);
    await store.recordUse("t1", createdAtMs + 8);
    await store.recordUse("gone", createdAtMs);
    expect((await store.findByHash("hash 1"))?.lastUsedAtMs).toBe(createdAtMs + 9);
  });
});

const someToken: ApiToken = {
  id: "t1",
  name: "deploy",
  scopes: ["read", "app:1"],
  createdBy: "someone@example.com",
  ownerId: "p1",
  createdAtMs,
  expiresAtMs: createdAtMs + 1_000,
  lastUsedAtMs: null,
  revokedAtMs: null,
};
