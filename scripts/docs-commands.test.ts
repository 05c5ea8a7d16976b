/** Each command in the documentation exists, with its options and the number of its arguments. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allFaults } from "../bench/faults/all-faults.ts";
import { createProgram } from "../server/src/cli/program.ts";
import { commandsIn, inlineCodeOf, pages, textBlocksOf } from "./docs/pages.ts";

type Command = ReturnType<typeof createProgram>;

interface Found {
  readonly page: string;
  readonly words: readonly string[];
  /** In a sentence a command may be named without its arguments. */
  readonly isInSentence: boolean;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const program = createProgram(() => Promise.reject(new Error("No command runs here")));
/** Programs from elsewhere. This test does not check their options. */
const foreign = new Set(["docker", "echo", "kubectl", "sqlite3"]);
/** By URL path: the server's source file that answers it. */
const urls: Readonly<Record<string, string>> = {
  "/health/live": "server/src/transport/operations.ts",
  "/health/ready": "server/src/transport/operations.ts",
  "/api/v1/openapi.json": "server/src/admin-api/allowed-methods.ts",
};

const found = pages().flatMap((page) => [
  ...textBlocksOf(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => commandsIn(text).map((words) => ({ page, words, isInSentence: false }))),
  ...inlineCodeOf(page)
    .filter((code) => /^(npx|soketify|npm|bun|curl|helm) /.test(code))
    .flatMap((code) => commandsIn(code).map((words) => ({ page, words, isInSentence: true }))),
]);

test("each command of soketify has the arguments and options of the documentation", () => {
  const used = found.flatMap(({ words, ...where }) => {
    const ours = words[0] === "npx" ? words.slice(1) : words;
    return ours[0] === "soketify" ? [{ ...where, words: ours.slice(1) }] : [];
  });
  expect(used.length).toBeGreaterThan(80);
  expect(used.flatMap(mistakesOf)).toEqual([]);
});

test("each npm script and workspace exists", () => {
  const used = found.filter(({ words }) => words[0] === "npm");
  expect(used.length).toBeGreaterThan(30);
  expect(used.flatMap(npmMistakesOf)).toEqual([]);
});

test("each file that bun runs exists", () => {
  const files = found.filter(({ words }) => words[0] === "bun").map(({ words }) => words[1] ?? "");
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test("each URL that curl requests is one of the server", () => {
  const requested = found.filter(({ words }) => words[0] === "curl").map(({ words }) => words.at(-1) ?? "");
  const paths = requested.map((url) => url.replace(/^http:\/\/[\w:]+/, ""));
  expect(new Set(paths)).toEqual(new Set(Object.keys(urls)));
  for (const [path, file] of Object.entries(urls))
    expect(readFileSync(join(root, file), "utf8")).toContain(path.replace("/api/v1", ""));
});

test("the documentation uses no other program", () => {
  const known = new Set(["npx", "soketify", "npm", "bun", "curl", "helm", ...foreign]);
  expect(
    found.filter(({ words }) => !known.has(words[0] ?? "")).map(({ page, words }) => [page, words]),
  ).toEqual([]);
  const npx = found.filter(({ words }) => words[0] === "npx").map(({ words }) => words[1]);
  expect(npx.filter((name) => name !== "soketify" && name !== "bun" && name !== "vite")).toEqual([]);
});

function mistakesOf({ page, words, isInSentence }: Found): string[] {
  let command: Command = program;
  let rest = [...words];
  for (;;) {
    const below = command.commands.find((one) => one.name() === rest[0]);
    if (below === undefined) break;
    command = below;
    rest = rest.slice(1);
  }
  const wrong = (what: string) => [`${page}: soketify ${words.join(" ")}: ${what}`];
  if (command === program && rest[0] === "COMMAND") return [];
  // Without a command, the server starts.
  if (command === program) command = program.commands.find((one) => one.name() === "start") ?? program;
  const given: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const [name = "", value] = (rest[index] ?? "").split("=");
    if (!name.startsWith("-")) given.push(name);
    else if (name !== "--help") {
      const option = command.options.find(({ long, short }) => long === name || short === name);
      if (option === undefined) return wrong(`there is no ${name}`);
      if (option.variadic) break;
      if (option.required && value === undefined) index++;
    }
  }
  const { registeredArguments: registered } = command;
  const required = registered.filter((argument) => argument.required).length;
  const hasFew = given.length < required && !(isInSentence && given.length === 0);
  const hasMany = given.length > registered.length && !registered.at(-1)?.variadic;
  if (command.commands.length > 0) return wrong("it needs a further word");
  return hasFew || hasMany ? wrong(`it takes ${required} to ${registered.length} arguments`) : [];
}

function npmMistakesOf({ page, words }: Found): string[] {
  const [, action = "", ...rest] = words;
  if (["ci", "install", "i", "pack"].includes(action)) return [];
  const at = rest.indexOf("--workspace");
  const folder =
    at === -1 ? (page.startsWith("examples/") ? page.replace("README.md", "") : "") : rest[at + 1];
  const name = action === "run" ? (rest[0] ?? "") : action;
  const scripts = [folder, ""].flatMap((where) => scriptsOf(join(root, where ?? "")));
  const wrong = scripts.includes(name)
    ? []
    : [`${page}: npm ${words.slice(1).join(" ")}: there is no ${name}`];
  return name === "faults" ? [...wrong, ...unknownFaults(page, rest.slice(2))] : wrong;
}

function scriptsOf(folder: string): string[] {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return [];
  return Object.keys(JSON.parse(readFileSync(file, "utf8")).scripts ?? {});
}

function unknownFaults(page: string, names: readonly string[]): string[] {
  return names
    .filter((name) => !name.startsWith("-") && !(name in allFaults))
    .map((name) => `${page}: there is no fault ${name}`);
}
