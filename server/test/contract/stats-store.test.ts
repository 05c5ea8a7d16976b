import { beforeEach, expect, test } from "bun:test";
import { type AppStats, noStats, type StatsStore, statsSpanMs } from "../../src/core/ports/stats-store.ts";
import { KyselyStatsStore } from "../../src/storage/kysely-stats-store.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

const { minute, hour, day } = statsSpanMs;
const startMs = 20_000 * day;

onEachDatabase((open) => {
  let opened: OpenDatabase;
  let store: StatsStore;

  beforeEach(async () => {
    opened = await open();
    store = new KyselyStatsStore(opened.db);
  });

  test("the figures of two nodes for one minute are summed", async () => {
    await store.addMinute(startMs, new Map([["1", figures(5)]]));
    await store.addMinute(
      startMs,
      new Map([
        ["1", figures(2)],
        ["2", figures(1)],
      ]),
    );
    expect(await store.series("1", "minute", startMs, startMs + hour)).toEqual([{ startMs, ...figures(7) }]);
    expect(await store.series("2", "minute", startMs, startMs + hour)).toEqual([{ startMs, ...figures(1) }]);
  });

  test("a client that moves to another node is not counted twice in the peak", async () => {
    const add = (connections: number, connectionsPeak: number) =>
      store.addMinute(startMs, new Map([["1", { ...noStats, connections, connectionsPeak }]]));
    const peak = async () => (await store.series("1", "minute", startMs, startMs + 1))[0]?.connectionsPeak;
    await add(1, 12);
    await add(11, 11);
    expect(await peak()).toBe(12);
    await add(3, 4);
    expect(await peak()).toBe(15);
    await add(0, 20);
    expect(await peak()).toBe(20);
  });

  test("a minute may have more apps than one statement accepts, or none", async () => {
    await store.addMinute(
      startMs,
      new Map(Array.from({ length: 250 }, (_, id) => [String(id), figures(id)])),
    );
    await store.addMinute(startMs, new Map());
    expect(await store.series("249", "minute", startMs, startMs + 1)).toEqual([{ startMs, ...figures(249) }]);
  });

  test("a point is zero if an app had no activity, and absent if no node was running", async () => {
    await store.addMinute(startMs, new Map([["1", figures(1)]]));
    await store.addMinute(startMs + 2 * minute, new Map());
    await store.addMinute(startMs + 2 * hour, new Map([["2", figures(1)]]));
    await store.rollUp();
    expect(await store.series("1", "minute", startMs, startMs + hour)).toEqual([
      { startMs, ...figures(1) },
      { startMs: startMs + 2 * minute, ...noStats },
    ]);
    const hours = await store.series("1", "hour", startMs, startMs + day);
    expect(hours.map((point) => [point.startMs, point.errors])).toEqual([
      [startMs, 3],
      [startMs + 2 * hour, 0],
    ]);
  });

  test("a series is oldest first, from the first time (inclusive) to the last (exclusive)", async () => {
    for (const turn of [2, 0, 1])
      await store.addMinute(startMs + turn * minute, new Map([["1", figures(turn)]]));
    const series = await store.series("1", "minute", startMs, startMs + 2 * minute);
    expect(series.map((point) => point.startMs)).toEqual([startMs, startMs + minute]);
  });

  test("hours and days keep the sums, the highest peak and the mean of connections", async () => {
    await store.addMinute(startMs, new Map([["1", figures(1)]]));
    await store.addMinute(startMs + 59 * minute, new Map([["1", figures(4)]]));
    await store.addMinute(startMs + hour, new Map([["1", figures(10)]]));
    await store.rollUp();
    expect(await store.series("1", "hour", startMs, startMs + day)).toEqual([
      { startMs, ...figures(5), connections: 3, connectionsPeak: 4 },
      { startMs: startMs + hour, ...figures(10) },
    ]);
    expect(await store.series("1", "day", startMs, startMs + day)).toEqual([
      { startMs, ...figures(15), connections: 7, connectionsPeak: 10 },
    ]);
  });

  test("the recent figures of some apps are summed by steps, and their peaks are the highest", async () => {
    await store.addMinute(
      startMs,
      new Map([
        ["1", figures(9)],
        ["2", figures(5)],
      ]),
    );
    await store.addMinute(startMs + 5 * minute, new Map([["1", figures(1)]]));
    await store.addMinute(startMs + 6 * minute, new Map([["1", figures(4)]]));
    await store.addMinute(startMs + 10 * minute, new Map([["1", figures(2)]]));
    await store.rollUp();
    const recent = await store.recent(["1", "3"], startMs + minute, 5 * minute);
    const { messagesIn, messagesOut } = figures(5);
    expect([...recent.keys()]).toEqual(["1"]);
    expect(recent.get("1")).toEqual([
      {
        startMs: startMs + 5 * minute,
        connectionsPeak: figures(4).connectionsPeak,
        messages: messagesIn + messagesOut,
        errors: figures(5).errors,
      },
      expect.objectContaining({ startMs: startMs + 10 * minute, errors: figures(2).errors }),
    ]);
    expect(await store.recent([], startMs, minute)).toEqual(new Map());
    expect(await store.peaks(startMs)).toEqual(
      new Map([
        ["", 0],
        ["1", figures(9).connectionsPeak],
        ["2", figures(5).connectionsPeak],
      ]),
    );
  });

  test("a second roll-up changes nothing except for late minutes", async () => {
    await store.addMinute(startMs, new Map([["1", figures(1)]]));
    await store.addMinute(startMs + hour, new Map([["1", figures(2)]]));
    await store.rollUp();
    await store.rollUp();
    await store.addMinute(startMs + minute, new Map([["1", figures(3)]]));
    await store.rollUp();
    const hours = await store.series("1", "hour", startMs, startMs + day);
    expect(hours.map(({ messagesIn }) => messagesIn)).toEqual([4, 2]);
  });

  test("two nodes may roll up concurrently", async () => {
    const other = new KyselyStatsStore(await opened.openAgain());
    await store.addMinute(startMs, new Map(Array.from({ length: 50 }, (_, id) => [String(id), figures(id)])));
    await Promise.all([store.rollUp(), other.rollUp(), store.rollUp()]);
    expect((await store.series("49", "day", startMs, startMs + day))[0]?.errors).toBe(147);
  }, 20_000);

  test("each resolution is pruned by its own time", async () => {
    await store.addMinute(startMs, new Map([["1", figures(1)]]));
    await store.addMinute(startMs + minute, new Map([["1", figures(1)]]));
    await store.rollUp();
    await store.prune({ minute: startMs + minute, hour: startMs, day: startMs + 1 });
    const count = async (resolution: "minute" | "hour" | "day") =>
      (await store.series("1", resolution, 0, startMs + day)).length;
    expect([await count("minute"), await count("hour"), await count("day")]).toEqual([1, 1, 0]);
  });
});

/** Different figures, so that swapped columns are detected. */
function figures(count: number): AppStats {
  return {
    connections: count,
    connectionsPeak: count,
    messagesIn: count,
    messagesOut: count * 1_000_000_000,
    apiRequests: count * 2,
    errors: count * 3,
  };
}
