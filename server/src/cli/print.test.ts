import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const writesItself = /process\.std(out|err)\.write|console\.(log|error|warn|info)\(/;

test("only print.ts writes to the terminal, because it escapes text from others", () => {
  const files = readdirSync(import.meta.dir, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.ts$/.test(name) && !/^print\.ts$|\.test\.ts$/.test(name),
  );
  const writers = files.filter((name) => {
    const lines = readFileSync(join(import.meta.dir, name), "utf8").split("\n");
    // The welcome prints a line of JavaScript to copy.
    return lines.some((line) => writesItself.test(line) && !/^\s*'.*',$/.test(line));
  });
  expect(writers).toEqual([]);
});
