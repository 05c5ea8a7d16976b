/** The limits of CONTRIBUTING.md for files and folders. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const linesMax = 300;
const filesPerFolderMax = 40;

const root = fileURLToPath(new URL("..", import.meta.url));
const listed = Bun.spawnSync(["git", "ls-files"], { cwd: root, stdout: "pipe" }).stdout.toString();
/** Written by `npm run docs`. */
const generated = "packages/admin/src/endpoints.ts";
const sources = listed.split("\n").filter((path) => /\.(tsx?|m?js)$/.test(path) && path !== generated);

test("git lists the source files", () => {
  expect(sources.length).toBeGreaterThan(500);
});

test(`no source file has more than ${linesMax} lines`, () => {
  const tooLong = sources
    .map((path) => ({ path, lines: lineCount(readFileSync(join(root, path), "utf8")) }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path} has ${lines} lines. Split it: at most ${linesMax} are allowed.`);
  expect(tooLong).toEqual([]);
});

test(`no folder has more than ${filesPerFolderMax} source files, not counting tests`, () => {
  const counts = new Map<string, number>();
  for (const path of sources.filter((path) => !/\.test\.[a-z]+$/.test(path)))
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  const tooFull = [...counts]
    .filter(([, count]) => count > filesPerFolderMax)
    .map(
      ([folder, count]) =>
        `${folder} has ${count} source files. Group them in subfolders of at most ${filesPerFolderMax}.`,
    );
  expect(tooFull).toEqual([]);
});

function lineCount(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
