/** The limits of CONTRIBUTING.md for files and folders, and its rule about spread literals. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Expression, parseSync, Visitor } from "oxc-parser";

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

test("no literal is spread inside another one", () => {
  const spread = sources.flatMap((path) =>
    spreadLiteralLines(path, readFileSync(join(root, path), "utf8")).map(
      (line) => `${path}:${line} spreads a literal. Write its items directly: { a, b }, not { a, ...{ b } }.`,
    ),
  );
  expect(spread).toEqual([]);
});

test.each([
  "({ a, ...{ b } })",
  "[a, ...[b]]",
  "f(...[a])",
  "({ ...({ a } as const) })",
  "({ ...({ a } satisfies object) })",
  "<a {...{ b }} />",
])("%s spreads a literal", (source) => {
  expect(spreadLiteralLines("a.tsx", `\n${source}`)).toEqual([2]);
});

test.each([
  "({ ...(a ? { b } : {}) })",
  "[...(a ? [b] : [])]",
  "({ ...(a && { b }) })",
  "[...[a, b].map(f)]",
  "function f(...[a, b]: string[]) {}",
])("%s does not spread a literal", (source) => {
  expect(spreadLiteralLines("a.ts", source)).toEqual([]);
});

/** The lines that spread an object or array literal without a condition. */
function spreadLiteralLines(path: string, source: string): number[] {
  if (!/\.\.\.[\s(]*[{[]/.test(source)) return [];
  const lines: number[] = [];
  const check = ({ start, argument }: { readonly start: number; readonly argument: Expression }) => {
    const { type } = withoutCast(argument);
    if (type === "ObjectExpression" || type === "ArrayExpression")
      lines.push(source.slice(0, start).split("\n").length);
  };
  new Visitor({ SpreadElement: check, JSXSpreadAttribute: check }).visit(parseSync(path, source).program);
  return lines;
}

function withoutCast(expression: Expression): Expression {
  switch (expression.type) {
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
      return withoutCast(expression.expression);
    default:
      return expression;
  }
}

function lineCount(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
