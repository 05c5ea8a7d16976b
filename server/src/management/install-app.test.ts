import { beforeEach, expect, test } from "bun:test";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { type Management, somebody, startManagement } from "../../test/support/management.ts";

let server: Management;

beforeEach(async () => {
  server = startManagement();
  await server.addApp(somebody, { id: "1", name: "first" });
});

/** Runs once, after the store has read an app and before the caller receives it. */
function afterNextRead(run: () => Promise<unknown>): void {
  const { store } = server;
  const find = store.find.bind(store);
  store.find = async (appId) => {
    store.find = find;
    const record = await find(appId);
    await run();
    return record;
  };
}

test("an app that is deleted during a reload is not installed again", async () => {
  afterNextRead(() => server.deleteApp("1", somebody));
  await server.installApp.reload("1");
  expect(server.registry.byId("1")).toBeNull();
});

test("an app that is created during a reload is not removed", async () => {
  afterNextRead(() => server.addApp(somebody, { id: "2" }));
  await server.installApp.reload("2");
  expect(server.registry.byId("2")).not.toBeNull();
});

test("a change during a reload is not undone", async () => {
  afterNextRead(() => server.updateApp("1", somebody, { name: "second" }));
  await server.installApp.reload("1");
  expect(server.registry.byId("1")?.name).toBe("second");
});

test("a read learns which apps were installed or removed in the meantime", async () => {
  await server.addApp(somebody, { id: "2" });
  const before = await server.store.find("1");
  if (before === null) throw new Error("There is no app");
  const [first, second] = [server.installApp.beginRead(), server.installApp.beginRead()];
  await server.updateApp("1", somebody, { name: "second" });
  expect([...first()]).toEqual(["1"]);
  server.installApp.here(before);
  await server.deleteApp("2", somebody);
  expect([...second()]).toEqual(["1", "2"]);
  expect([...server.installApp.beginRead()()]).toEqual([]);
});

test("an older revision changes nothing, unless the store was restored", async () => {
  const before = await server.store.find("1");
  if (before === null) throw new Error("There is no app");
  await server.updateApp("1", somebody, { name: "second" });
  server.installApp.here(before);
  expect(server.registry.byId("1")?.name).toBe("second");
  server.installApp.here(before, true);
  expect(server.registry.byId("1")?.name).toBe("first");
});

test("the other nodes are asked to reload an app whenever it is created, changed or deleted", async () => {
  const asked: object[] = [];
  Object.assign(server.bus, {
    ask: async (question: object) => {
      asked.push(question);
      return { answers: [], silent: [] };
    },
  });
  await server.addApp(somebody, { id: "2" });
  await server.updateApp("2", somebody, { name: "another" });
  await server.rotateSecret.rotate("2", somebody, { force: false, activate: false, closeConnections: false });
  await server.installApp.reload("2");
  await server.deleteApp("2", somebody);
  expect(asked).toEqual(Array(4).fill({ type: "reload-app", appId: "2" }));
});

test("a disabled or deleted app closes its own connections only", async () => {
  await server.addApp(somebody, { id: "2" });
  const [mine, other] = [fakeConnection("1.1", "1"), fakeConnection("2.2", "2")];
  for (const { connection } of [mine, other]) server.hub.add(connection, false);
  await server.updateApp("1", somebody, { name: "still on" });
  expect(mine.socket.closed).toBeNull();
  await server.updateApp("1", somebody, { isEnabled: false });
  expect([mine.socket.closed?.code, other.socket.closed]).toEqual([4003, null]);
  await server.store.delete("2");
  await server.installApp.reload("2");
  expect([other.socket.closed?.code, server.registry.byId("2")]).toEqual([4001, null]);
});
