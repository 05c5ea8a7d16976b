/** How commands write their results: a table for people, JSON for programs. Nothing else in cli/ writes to the terminal. */
import { errorCode } from "../core/error-code.ts";
import { escapeControls, escapeControlsOfLines } from "./escape-controls.ts";

const ansi = { reset: "\x1b[0m", grey: "\x1b[90m", red: "\x1b[31m", green: "\x1b[32m", cyan: "\x1b[36m" };

export type Colour = Exclude<keyof typeof ansi, "reset">;

/** Colors text if standard output is a terminal with colors. */
export type Part = string | { readonly colour: Colour; readonly text: string };

/** Prints lines that already end with a line break. Resolves when standard output accepts more. */
export async function print(lines: string): Promise<void> {
  if (process.stdout.write(escapeControlsOfLines(lines))) return;
  // onBrokenPipe handles errors.
  await new Promise<unknown>((resolve) => {
    for (const event of ["drain", "error"]) process.stdout.once(event, resolve);
  });
}

/** Like `print`, but to standard error. */
export function printError(lines: string): void {
  process.stderr.write(escapeControlsOfLines(lines));
}

export function printJson(value: unknown): void {
  process.stdout.write(`${escapeControlsOfLines(JSON.stringify(value, null, 2))}\n`);
}

export function printLine(...parts: readonly Part[]): void {
  const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const texts = parts.map((part) => {
    if (typeof part === "string") return escapeControls(part);
    const text = escapeControls(part.text);
    return isColoured ? `${ansi[part.colour]}${text}${ansi.reset}` : text;
  });
  process.stdout.write(`${texts.join("")}\n`);
}

/** Prints columns as wide as their widest cell. The last column is not padded. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const shown = [head, ...rows].map((row) => row.map(escapeControls));
  const widths = head.map((_, column) => Math.max(...shown.map((row) => (row[column] ?? "").length)));
  for (const row of shown)
    printLine(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

/** Prints a name and a value on each line. */
export function printFacts(facts: readonly (readonly [string, string])[]): void {
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) printLine(`${name.padEnd(width)}  ${value}`);
}

/**
 * Calls `end` without an error message on EPIPE: the reader of standard output, such as `head`, closed the pipe. A later call
 * replaces `end`. A closed standard error is ignored.
 */
export function onBrokenPipe(end: () => void): void {
  const onError = (then: () => void) => (error: Error) => {
    if (errorCode(error) !== "EPIPE") throw error;
    then();
  };
  process.stdout.removeAllListeners("error").on("error", onError(end));
  process.stderr.removeAllListeners("error").on(
    "error",
    onError(() => undefined),
  );
}
