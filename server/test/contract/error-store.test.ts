import { beforeEach, expect, test } from "bun:test";
import { type ErrorHour, errorHoursMax } from "../../src/core/ports/error-store.ts";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { KyselyErrorStore } from "../../src/storage/kysely-error-store.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

const hourMs = 3_600_000;
const startMs = 480_000 * hourMs;

onEachDatabase((open) => {
  let opened: OpenDatabase;
  let store: KyselyErrorStore;

  beforeEach(async () => {
    opened = await open();
    store = new KyselyErrorStore(opened.db);
  });

  test("an hour is returned as it was written, with texts of any script", async () => {
    const written = hour({ reason: 'Channel "Grüße 🎉" is too long' });
    await store.save([written]);
    expect(await store.list("1", 0)).toEqual([written]);
  });

  test("an hour that is written again replaces itself, and no other node, group, hour or app", async () => {
    const others = [
      hour({ nodeId: "n2" }),
      hour({ groupId: "g2" }),
      hour({ atHour: 1 }),
      hour({ appId: "2" }),
    ];
    await store.save([hour({ errors: 1 }), ...others]);
    await store.save([hour({ errors: 5 })]);
    await store.save([hour({ errors: 5 })]);
    const listed = await store.list("1", 0);
    expect(listed.map(({ groupId, nodeId, errors }) => [groupId, nodeId, errors]).sort()).toEqual([
      ["g1", "n1", 1],
      ["g1", "n1", 5],
      ["g1", "n2", 1],
      ["g2", "n1", 1],
    ]);
    expect(await store.list("2", 0)).toHaveLength(1);
  });

  test("only hours with an error since the time are listed, oldest first", async () => {
    await store.save([2, 0, 1].map((atHour) => hour({ atHour })));
    const listed = await store.list("1", startMs + hourMs);
    expect(listed.map((one) => one.hourMs)).toEqual([startMs + hourMs, startMs + 2 * hourMs]);
  });

  test("the errors of each app are counted from an hour on", async () => {
    await store.save([
      hour({ errors: 7 }),
      hour({ atHour: 1, errors: 2 }),
      hour({ atHour: 2, groupId: "g2" }),
    ]);
    await store.save([hour({ appId: "2", atHour: 1, errors: 5 }), hour({ appId: "3", errors: 5 })]);
    const totals = await store.totals(startMs + hourMs);
    expect([...totals].sort()).toEqual([
      ["1", 3],
      ["2", 5],
    ]);
  });

  test("old hours are deleted, and the oldest ones of an app with too many", async () => {
    await store.save([hour({ appId: "2" }), hour({ appId: "2", atHour: 1 })]);
    await store.save(Array.from({ length: errorHoursMax + 50 }, (_, atHour) => hour({ atHour: atHour + 2 })));
    await store.prune(startMs + hourMs);
    expect(await store.list("2", 0)).toMatchObject([{ hourMs: startMs + hourMs }]);
    const left = await store.list("1", 0);
    expect(left).toHaveLength(errorHoursMax);
    expect(left.at(-1)?.hourMs).toBe(startMs + (errorHoursMax + 51) * hourMs);
  });

  test("deleting an app deletes its errors", async () => {
    await store.save([hour({}), hour({ appId: "2" })]);
    const keys = await unlockDataKeys(opened.db, { value: null, dataDir: opened.dataDir }, 0);
    await new KyselyAppStore(opened.db, keys).delete("1");
    expect(await store.list("1", 0)).toEqual([]);
    expect(await store.list("2", 0)).toHaveLength(1);
  });
});

interface Changed extends Partial<Pick<ErrorHour, "appId" | "groupId" | "nodeId" | "errors">> {
  readonly atHour?: number;
  readonly reason?: string;
}

function hour({ atHour = 0, reason = "Too fast", ...changed }: Changed): ErrorHour {
  const atMs = startMs + atHour * hourMs;
  return {
    appId: "1",
    groupId: "g1",
    nodeId: "n1",
    hourMs: atMs,
    errors: 1,
    firstMs: atMs,
    lastMs: atMs,
    cause: {
      type: "message_refused",
      code: 4301,
      route: null,
      channelPattern: "private-*",
      reasonPattern: reason,
      sdk: "js 8.4.0",
    },
    socketIds: ["1.1"],
    addresses: ["192.0.2.7"],
    newest: [
      {
        sequence: 1,
        atMs,
        reason,
        channel: "private-1",
        socketId: "1.1",
        errors: 1,
        address: "192.0.2.7",
        sdk: "js 8.4.0",
      },
    ],
    ...changed,
  };
}
