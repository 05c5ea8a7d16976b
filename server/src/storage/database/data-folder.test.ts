import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { protectDataFolder } from "./data-folder.ts";
import { openSqliteFile } from "./sqlite.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "soketify-folder-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function modeOf(...names: string[]): string {
  return (statSync(join(home, ...names)).mode & 0o7777).toString(8);
}

test.each([0o000, 0o022, 0o077, 0o777])(
  "files and folders are created private under the umask %o",
  (umask) => {
    const before = process.umask(umask);
    try {
      openSqliteFile(join(home, "data")).prepare("create table t (id)").run([]);
    } finally {
      process.umask(before);
    }
    const files = ["soketify.db", "soketify.db-wal", "soketify.db-shm"];
    expect([modeOf("data"), ...files.map((name) => modeOf("data", name))]).toEqual([
      "700",
      "600",
      "600",
      "600",
    ]);
  },
);

test("protectDataFolder makes files private that an earlier release left readable for others", () => {
  chmodSync(home, 0o755);
  const own = ["soketify.db", "soketify.db-wal", "soketify.db-shm", "soketify.lock", "soketify.pid"].concat([
    "master.key",
    "master.key.next",
    "master.key.4711",
    "apps.snapshot.json",
    "server.json",
  ]);
  for (const name of [...own, "notes.txt"]) writeFileSync(join(home, name), "", { mode: 0o644 });
  expect(protectDataFolder(home)).toEqual([]);
  expect(own.map((name) => modeOf(name))).toEqual(own.map(() => "600"));
  expect([modeOf(), modeOf("notes.txt")]).toEqual(["700", "644"]);
});

test("a file that is removed after the folder was read is ignored", () => {
  // The folder lists this name, and its text, which replaces the byte that is not UTF-8, names no file.
  writeFileSync(Buffer.concat([Buffer.from(join(home, "soketify.db-")), Buffer.of(0xff)]), "");
  writeFileSync(join(home, "soketify.lock"), "", { mode: 0o644 });
  expect(protectDataFolder(home)).toEqual([]);
  expect(modeOf("soketify.lock")).toBe("600");
});

test.each([
  ["that holds folders of others", () => mkdirSync(join(home, "node_modules")), "755"],
  ["that everybody shares", () => chmodSync(home, 0o1777), "1777"],
])("a folder %s keeps its mode, and the files in it become private", (_, share, mode) => {
  chmodSync(home, 0o755);
  share();
  writeFileSync(join(home, "master.key"), "", { mode: 0o644 });
  expect(protectDataFolder(home)).toEqual([expect.stringContaining("give Soketify its own folder")]);
  expect([modeOf(), modeOf("master.key")]).toEqual([mode, "600"]);
});

test("protectDataFolder creates the folder and its parents", () => {
  expect(protectDataFolder(join(home, "a", "b"))).toEqual([]);
  expect(existsSync(join(home, "a", "b"))).toBe(true);
});
