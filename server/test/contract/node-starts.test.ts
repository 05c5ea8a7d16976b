import { beforeEach, expect, test } from "bun:test";
import { type NodeStart, nodeStartsMax } from "../../src/core/ports/node-starts.ts";
import { KyselyNodeStarts } from "../../src/storage/kysely-node-starts.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

const startMs = 1_700_000_000_000;

function start(atS: number, change: Partial<NodeStart> = {}): NodeStart {
  const fixed = { name: "web-1", version: "1.0.0", commit: "abc" };
  return { nodeId: `node ${atS}`, ...fixed, atMs: startMs + atS * 1_000, ...change };
}

onEachDatabase((open) => {
  let opened: OpenDatabase;
  let starts: KyselyNodeStarts;

  beforeEach(async () => {
    opened = await open();
    starts = new KyselyNodeStarts(opened.db);
  });

  const listed = async (fromS: number, toS: number) =>
    (await starts.list(startMs + fromS * 1_000, startMs + toS * 1_000)).map(({ atMs, isDeploy }) => [
      (atMs - startMs) / 1_000,
      isDeploy,
    ]);

  test("a start with another version or commit than the one before is a deploy, also across nodes", async () => {
    await starts.add(start(1));
    await starts.add(start(2));
    await starts.add(start(3, { version: "1.1.0", name: "web-1" }));
    await starts.add(start(4, { version: "1.1.0", name: "web-2" }));
    await starts.add(start(5, { version: "1.1.0", commit: null }));
    expect(await listed(0, 9)).toEqual([
      [1, false],
      [2, false],
      [3, true],
      [4, false],
      [5, true],
    ]);
    expect(await listed(3, 4)).toEqual([
      [3, true],
      [4, false],
    ]);
  });

  test("a start that is added again stays as it is, and its fields are returned as written", async () => {
    const written = start(1, { commit: null });
    await starts.add(written);
    await starts.add(written);
    expect(await starts.list(0, startMs * 2)).toEqual([{ ...written, isDeploy: false }]);
  });

  test("only the latest starts are stored", async () => {
    const rows = Array.from({ length: nodeStartsMax }, (_, index) => start(index));
    for (let from = 0; from < rows.length; from += 100)
      await opened.db
        .insertInto("nodeStarts")
        .values(
          rows.slice(from, from + 100).map(({ commit: commitHash, ...row }) => ({ ...row, commitHash })),
        )
        .execute();
    await starts.add(start(nodeStartsMax));
    const all = await listed(0, nodeStartsMax);
    expect([all.length, all[0]?.[0], all.at(-1)?.[0]]).toEqual([nodeStartsMax, 1, nodeStartsMax]);
  });
});
