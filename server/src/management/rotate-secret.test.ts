import { beforeEach, expect, test } from "bun:test";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import {
  type Management,
  secretUseGuardMs,
  somebody,
  startManagement,
} from "../../test/support/management.ts";
import { activeSecret, type Secret } from "../core/apps/app.ts";

const gently = { force: false, activate: false, closeConnections: false };
let server: Management;
let old: Secret;

beforeEach(async () => {
  server = startManagement();
  old = activeSecret(await server.addApp(somebody, { id: "1" }));
});

test("both secrets are accepted after a rotation, and only the new one after the activation", async () => {
  const made = await server.rotateSecret.rotate("1", somebody, gently);
  expect([server.accepts("1", old.value), server.accepts("1", made.value)]).toEqual([true, true]);
  await server.rotateSecret.activate("1", somebody, { force: true });
  expect([server.accepts("1", old.value), server.accepts("1", made.value)]).toEqual([false, true]);
});

test("a cancelled secret is no longer accepted and the active one still is", async () => {
  const made = await server.rotateSecret.rotate("1", somebody, gently);
  const cancelled = await server.rotateSecret.cancel("1", somebody);
  expect(cancelled).toMatchObject({ id: made.id, state: "revoked" });
  expect([server.accepts("1", old.value), server.accepts("1", made.value)]).toEqual([true, false]);
});

test("a second rotation is refused while one is pending", async () => {
  await server.rotateSecret.rotate("1", somebody, gently);
  await expect(server.rotateSecret.rotate("1", somebody, gently)).rejects.toMatchObject({
    code: "rotation_pending",
    status: 409,
  });
});

test("a forced rotation drops the pending secret", async () => {
  const first = await server.rotateSecret.rotate("1", somebody, gently);
  const second = await server.rotateSecret.rotate("1", somebody, { ...gently, force: true });
  expect([server.accepts("1", first.value), server.accepts("1", second.value)]).toEqual([false, true]);
});

test("activating is refused while the old secret is in use, and says when it was used", async () => {
  await server.rotateSecret.rotate("1", somebody, gently);
  server.accepts("1", old.value);
  const lastUsedAt = new Date(server.clock.now()).toISOString();
  server.clock.advance(secretUseGuardMs - 1);
  await expect(server.rotateSecret.activate("1", somebody, { force: false })).rejects.toMatchObject({
    code: "secret_in_use",
    facts: { lastUsedAt },
  });
  server.clock.advance(1);
  const active = await server.rotateSecret.activate("1", somebody, { force: false });
  expect(active.state).toBe("active");
});

test("activating and cancelling are refused if no secret is pending", async () => {
  const refused = { code: "no_pending_secret", status: 409 };
  await expect(server.rotateSecret.activate("1", somebody, { force: true })).rejects.toMatchObject(refused);
  await expect(server.rotateSecret.cancel("1", somebody)).rejects.toMatchObject(refused);
});

test("an emergency rotation revokes immediately and closes connections that the old secret authorized", async () => {
  const subscribed = fakeConnection("1.1", "1");
  subscribed.connection.subscriptions.set("private-a", { userId: null, secretId: old.id, infoBytes: 0 });
  const signedIn = fakeConnection("2.2", "1");
  signedIn.connection.user = { id: "ada", infoJson: null, watchlist: [], signedInAtMs: 0, secretId: old.id };
  const anonymous = fakeConnection("3.3", "1");
  anonymous.connection.subscriptions.set("public", { userId: null, secretId: null, infoBytes: 0 });
  for (const { connection } of [subscribed, signedIn, anonymous]) server.hub.add(connection, false);

  const made = await server.rotateSecret.rotate("1", somebody, {
    force: false,
    activate: true,
    closeConnections: true,
  });
  expect([server.accepts("1", old.value), server.accepts("1", made.value)]).toEqual([false, true]);
  expect([subscribed, signedIn, anonymous].map(({ socket }) => socket.closed?.code)).toEqual([
    4200,
    4200,
    undefined,
  ]);
  expect(server.broadcast.at(-1)).toEqual({ type: "close-distrusted", appId: "1", secretId: old.id });
});

test("two concurrent rotations create one pending secret", async () => {
  const both = await Promise.allSettled([
    server.rotateSecret.rotate("1", somebody, gently),
    server.rotateSecret.rotate("1", somebody, gently),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("the audit log records who rotated which secret, the bus sends the app's id, and neither contains a secret", async () => {
  const made = await server.rotateSecret.rotate("1", somebody, gently);
  await server.rotateSecret.activate("1", somebody, { force: true });
  expect(server.audit.rows.map(({ actor, action, target }) => [actor, action, target])).toEqual([
    ["somebody@example.com", "app.create", "app 1"],
    ["somebody@example.com", "secret.rotate", `secret ${made.id}`],
    ["somebody@example.com", "secret.activate", `secret ${made.id}`],
  ]);
  const reported = JSON.stringify([server.audit.rows, server.broadcast]);
  for (const { value } of [old, made]) expect(reported).not.toContain(value);
});

test("activating waits for a save of uses that is in progress", async () => {
  await server.rotateSecret.rotate("1", somebody, gently);
  server.accepts("1", old.value);
  const save = server.store.recordSecretUses.bind(server.store);
  const database = Promise.withResolvers<void>();
  server.store.recordSecretUses = async (uses) => {
    await database.promise;
    await save(uses);
  };
  const saved = server.recordSecretUses();
  const activated = server.rotateSecret.activate("1", somebody, { force: false });
  database.resolve();
  await expect(activated).rejects.toMatchObject({ code: "secret_in_use" });
  await saved;
});

test("uses that could not be saved are saved by the next call", async () => {
  server.accepts("1", old.value);
  const save = server.store.recordSecretUses.bind(server.store);
  server.store.recordSecretUses = () => Promise.reject(new Error("the database is unreachable"));
  await expect(server.recordSecretUses()).rejects.toThrow("unreachable");
  server.store.recordSecretUses = save;
  await server.recordSecretUses();
  const [secret] = (await server.store.find("1"))?.secrets ?? [];
  expect(secret?.lastUsed).toEqual({ httpApi: server.clock.now() });
});
