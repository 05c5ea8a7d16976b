import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createProgram } from "./program.ts";

const readme = readFileSync(join(import.meta.dir, "..", "..", "..", "README.md"), "utf8");
const [, table = ""] = /## Commands\n([^#]*)/.exec(readme) ?? [];

test("the README lists every command and nothing else", () => {
  const program = createProgram(() => Promise.reject(new Error("No server is needed to list commands")));
  const commands = program.commands.flatMap((command) => {
    const [first, ...rest] = command.commands.map((below) => below.name());
    return first === undefined ? [command.name()] : [`${command.name()} ${first}`, ...rest];
  });
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  const listed = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(listed.toSorted()).toEqual(commands.toSorted());
});
