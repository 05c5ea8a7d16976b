import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../migrations/migrate.ts";
import { openDatabase } from "./open-database.ts";
import { sqliteFile } from "./sqlite.ts";

const holdLock = `
const { Database } = await import("bun:sqlite");
const file = new Database(process.argv[1]);
file.run("begin immediate");
console.log("locked");
for await (const _ of console) break;
file.run("commit");
`;

test("a single write waits for another process's lock, and reads do not wait", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
  const db = await openDatabase({ url: null, dataDir });
  try {
    await migrate(db);
    const command = [process.execPath, "-e", holdLock, sqliteFile(dataDir)];
    await using other = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
    for await (const _ of other.stdout) break;
    const write = db.updateTable("appVersion").set({ version: 7 }).execute();
    // The read gets the connection after the first attempt of the write has failed on the lock.
    const { version } = await db.selectFrom("appVersion").select("version").executeTakeFirstOrThrow();
    expect(version).not.toBe(7);
    other.stdin.write("\n");
    other.stdin.end();
    await write;
    expect(await db.selectFrom("appVersion").select("version").execute()).toEqual([{ version: 7 }]);
    expect(await other.exited).toBe(0);
  } finally {
    await db.destroy();
    rmSync(dataDir, { recursive: true });
  }
});
