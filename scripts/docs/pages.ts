/** Reads the pages of the documentation: the parts of each that are code or commands. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Glob } from "bun";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface TextBlock {
  /** Empty if the block names none. */
  readonly language: string;
  /** Without the indentation of the block. */
  readonly text: string;
  readonly line: number;
}

interface Include {
  readonly path: string;
  /** Empty: the whole file. */
  readonly region: string;
}

/** @returns the paths of all pages that users read, from the root of the repository */
export function pages(): string[] {
  const patterns = [
    "*.md",
    "docs/*/*.md",
    "examples/*/README.md",
    "packages/*/README.md",
    "server/README.md",
  ];
  const found = patterns.flatMap((pattern) => [...new Glob(pattern).scanSync(root)]);
  return found.filter((path) => path !== "CHANGELOG.md").toSorted();
}

/** @returns the blocks whose text is in the page itself */
export function textBlocksOf(page: string): TextBlock[] {
  const text = pageText(page);
  return [...text.matchAll(/^( *)```(\w*)[^\n]*\n(.*?)^ *```$/gms)].map((match) => {
    const [, indentation = "", language = "", body = ""] = match;
    return {
      language,
      text: body.replaceAll(new RegExp(`^${indentation}`, "gm"), ""),
      line: text.slice(0, match.index).split("\n").length,
    };
  });
}

export function includesOf(page: string): Include[] {
  return [...pageText(page).matchAll(/^ *<<< @\/([^#{\n]+)(?:#([\w-]+))?(?:\{\w+\})?$/gm)].map(
    ([, path = "", region = ""]) => ({ path, region }),
  );
}

/** @returns the texts between backticks in sentences */
export function inlineCodeOf(page: string): string[] {
  const prose = pageText(page).replaceAll(/^ *```.*?^ *```$/gms, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** @returns the words of each command, without variables before it, comments and redirections */
export function commandsIn(text: string): string[][] {
  const lines = text
    .replaceAll(/\\\n/g, " ")
    .replaceAll(/(^|\s)#.*$/gm, "")
    .split("\n");
  return lines.flatMap((line) => splitCommands(line)).filter((words) => words.length > 0);
}

function splitCommands(line: string): string[][] {
  const words = [...line.matchAll(/(?:'[^']*'|"(?:[^"$]|\$\([^)]*\)|\$\w+)*"|[^\s'"])+/g)].map(
    ([word]) => word,
  );
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word === "&&" || word === "|") commands.push([]);
    else if (commands.at(-1)?.length !== 0 || !/^[A-Z_]+=/.test(word)) commands.at(-1)?.push(word);
  }
  return commands.map((command) => command.slice(0, [...command, ">"].indexOf(">")));
}

function pageText(page: string): string {
  return readFileSync(`${root}/${page}`, "utf8");
}
