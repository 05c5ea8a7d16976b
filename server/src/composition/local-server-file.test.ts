import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findLocalServer } from "../cli/local-server.ts";
import { LocalServerFile } from "./local-server-file.ts";

const urls = {
  url: "http://127.0.0.1:1",
  clientUrl: "http://127.0.0.1:1",
  dashboardUrl: null,
  isAlone: false,
};
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("a command that reads the file while a server replaces it reads a complete file", () => {
  new LocalServerFile(dataDir, "first", process.pid).write(urls);
  const reader = openSync(join(dataDir, "server.json"), "r");
  new LocalServerFile(dataDir, "second", process.pid).write(urls);
  expect(JSON.parse(readFileSync(reader, "utf8"))).toMatchObject({ token: "first" });
  closeSync(reader);
  expect(findLocalServer({ dataDir })).toMatchObject({ token: "second" });
});

test("only its user can read the file, and no other file is left", () => {
  new LocalServerFile(dataDir, "token", process.pid).write(urls);
  expect(statSync(join(dataDir, "server.json")).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toEqual(["server.json"]);
});

test("a server removes only the file that it wrote", () => {
  const older = new LocalServerFile(dataDir, "older", process.pid);
  const newer = new LocalServerFile(dataDir, "newer", process.pid);
  for (const file of [older, newer]) file.write(urls);
  older.remove();
  expect(findLocalServer({ dataDir })).toMatchObject({ token: "newer" });
  newer.remove();
  newer.remove();
  expect(findLocalServer({ dataDir })).toBeNull();
});
