import { expect, test } from "bun:test";
import type { Command } from "commander";
import { createProgram } from "./program.ts";

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

const program = createProgram(() => Promise.reject(new Error("No server is needed to print help")));

function leavesOf(command: Command, path: readonly string[]): Leaf[] {
  if (command.commands.length === 0) return [{ name: path.join(" "), command }];
  return command.commands.flatMap((below) => leavesOf(below, [...path, below.name()]));
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

test.each(leavesOf(program, []))("$name prints its complete help", ({ name, command }) => {
  const undescribed = [...command.registeredArguments, ...command.options].filter(
    ({ description }) => description === "",
  );
  expect(undescribed).toEqual([]);

  const [, example = ""] = /\nExample:\n {2}soketify (.*)\n$/.exec(helpOf(command)) ?? [];
  expect(example).toStartWith(name);
  const words = [...example.slice(name.length).matchAll(/'[^']*'|\S+/g)].map(([word]) => word);
  const flags = words.filter((word) => word.startsWith("--"));
  expect(command.options.map(({ long }) => long)).toEqual(expect.arrayContaining(flags));
  const required = command.registeredArguments.filter((argument) => argument.required);
  const firstFlag = words.findIndex((word) => word.startsWith("-") || word === ">");
  expect(firstFlag === -1 ? words.length : firstFlag).toBe(required.length);
});
