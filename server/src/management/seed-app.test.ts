import { beforeEach, expect, test } from "bun:test";
import { type Management, somebody, startManagement } from "../../test/support/management.ts";

const wanted = { id: "1", key: "key-of-app-1", secret: "the secret of the environment" };
let server: Management;

beforeEach(() => {
  server = startManagement();
});

test("the first start creates an app, and later starts print its credentials until they were used", async () => {
  const first = await server.seedApp(null);
  if (first.outcome !== "created") throw new Error("The first start creates an app");
  expect(await server.seedApp(null)).toEqual(first);
  expect(await server.store.list()).toHaveLength(1);
  const { id, secrets } = first.record;
  await server.store.recordSecretUses(new Map([[secrets[0]?.id ?? "", { httpApi: server.clock.now() }]]));
  expect(await server.seedApp(null)).toEqual({ outcome: "unchanged" });
  expect(await server.store.find(id)).not.toBeNull();
});

test("a start does not print the credentials of an app that somebody created", async () => {
  await server.addApp(somebody, { id: "1" });
  expect(await server.seedApp(null)).toEqual({ outcome: "unchanged" });
});

test("the app that the environment names is created once", async () => {
  expect(await server.seedApp(wanted)).toMatchObject({ outcome: "created", record: { id: "1" } });
  expect(await server.seedApp(wanted)).toEqual({ outcome: "unchanged" });
  expect(server.accepts("1", wanted.secret)).toBe(true);
});

test("a pending secret in the environment changes nothing", async () => {
  await server.seedApp(wanted);
  const options = { force: false, activate: false, closeConnections: false };
  const { value } = await server.rotateSecret.rotate("1", somebody, options);
  expect(await server.seedApp({ ...wanted, secret: value })).toEqual({ outcome: "unchanged" });
});

test("an unknown secret in the environment becomes the active one, and the audit log says so", async () => {
  await server.seedApp(wanted);
  expect(await server.seedApp({ ...wanted, secret: "another secret" })).toMatchObject({
    outcome: "secretReplaced",
  });
  expect(server.accepts("1", wanted.secret)).toBe(false);
  expect(server.accepts("1", "another secret")).toBe(true);
  expect(server.audit.rows.at(-1)).toMatchObject({ actor: "environment", action: "secret.replace" });
});

test("a restart does not activate a revoked secret", async () => {
  await server.seedApp(wanted);
  const options = { force: false, activate: true, closeConnections: false };
  await server.rotateSecret.rotate("1", somebody, options);
  expect(await server.seedApp(wanted)).toEqual({ outcome: "revokedSecretIgnored", appId: "1" });
  expect(server.accepts("1", wanted.secret)).toBe(false);
});

test("another key for an existing app stops the start", async () => {
  await server.seedApp(wanted);
  await expect(server.seedApp({ ...wanted, key: "other-key" })).rejects.toThrow("An app's key cannot change");
});
