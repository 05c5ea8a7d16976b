import { beforeEach, expect, test } from "bun:test";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { type Management, somebody, startManagement } from "../../test/support/management.ts";

let server: Management;

beforeEach(async () => {
  server = startManagement();
  await server.addApp(somebody, { id: "1", key: "a-key-of-1" });
});

test("the missing fields of a new app are generated", async () => {
  const app = await server.addApp(somebody, {});
  expect(app.id).toMatch(/^[1-9][0-9]+$/);
  expect(app.key).toMatch(/^[0-9a-f]{20}$/);
  expect(app.secrets).toHaveLength(1);
  expect(app.secrets[0]?.value).toMatch(/^[0-9a-f]{32}$/);
});

test("a taken id or key is refused", async () => {
  const refused = { code: "app_exists", status: 409 };
  await expect(server.addApp(somebody, { id: "1" })).rejects.toMatchObject(refused);
  await expect(server.addApp(somebody, { key: "a-key-of-1" })).rejects.toMatchObject(refused);
});

test("a changed setting takes effect immediately and the others stay", async () => {
  await server.updateApp("1", somebody, { settings: { connectionsMax: 5 } });
  expect(server.registry.byId("1")?.settings).toMatchObject({ connectionsMax: 5, clientEventsEnabled: true });
  expect(server.audit.rows.at(-1)).toMatchObject({
    action: "app.update",
    before: { connectionsMax: 0 },
    after: { connectionsMax: 5 },
  });
});

test("two concurrent changes are both saved", async () => {
  await Promise.all([
    server.updateApp("1", somebody, { name: "One" }),
    server.updateApp("1", somebody, { settings: { connectionsMax: 5 } }),
  ]);
  expect(server.registry.byId("1")).toMatchObject({ name: "One", settings: { connectionsMax: 5 } });
});

test("disabling an app closes its connections with 4003", async () => {
  const { connection, socket } = fakeConnection("1.1", "1");
  server.hub.add(connection, false);
  await server.updateApp("1", somebody, { isEnabled: false });
  expect(socket.closed?.code).toBe(4003);
});

test("deleting an app closes its connections with 4001 and removes its key", async () => {
  const { connection, socket } = fakeConnection("1.1", "1");
  server.hub.add(connection, false);
  await server.deleteApp("1", somebody);
  expect(socket.closed?.code).toBe(4001);
  expect(server.registry.byKey("a-key-of-1")).toBeNull();
  await expect(server.deleteApp("1", somebody)).rejects.toMatchObject({ code: "app_not_found" });
});

test("a reload applies the changes and deletions of another process", async () => {
  const one = await server.store.find("1");
  if (one === null) throw new Error("App 1 is not there");
  await server.store.save({ ...one, name: "Changed elsewhere" });
  await server.installApp.reload("1");
  expect(server.registry.byId("1")?.name).toBe("Changed elsewhere");
  await server.store.delete("1");
  await server.installApp.reload("1");
  expect(server.registry.byId("1")).toBeNull();
});

test("a record read before a change does not undo it", async () => {
  const before = await server.store.find("1");
  if (before === null) throw new Error("App 1 is not there");
  await server.updateApp("1", somebody, { name: "New" });
  server.installApp.here(before);
  expect(server.registry.byId("1")?.name).toBe("New");
});
