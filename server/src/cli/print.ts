/** How commands write their results: a table for people, JSON for programs. Nothing else in cli/ writes to the terminal. */
import { escapeControls, escapeControlsOfLines } from "./escape-controls.ts";

const ansi = { reset: "\x1b[0m", grey: "\x1b[90m", red: "\x1b[31m", green: "\x1b[32m", cyan: "\x1b[36m" };

export type Colour = Exclude<keyof typeof ansi, "reset">;

/** A part of a line, in a colour where standard output is a terminal that wants any. */
export type Part = string | { readonly colour: Colour; readonly text: string };

/** Lines as they stand, each with its end. Resolves once standard output takes more. */
export async function print(lines: string): Promise<void> {
  if (process.stdout.write(escapeControlsOfLines(lines))) return;
  // What an error means is up to whenNobodyReads.
  await new Promise<unknown>((resolve) => {
    for (const event of ["drain", "error"]) process.stdout.once(event, resolve);
  });
}

/** To standard error, as `print` does. */
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

/** Columns as wide as their widest cell; the last one runs on. */
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

/** A name and a value on each line. */
export function printFacts(facts: readonly (readonly [string, string])[]): void {
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) printLine(`${name.padEnd(width)}  ${value}`);
}

/**
 * Whoever read the output, such as `head`, has had enough: then `end` is called, and nobody is told. Replaces what an
 * earlier call wanted. That nobody reads standard error ends nothing.
 */
export function whenNobodyReads(end: () => void): void {
  const tell = (then: () => void) => (error: Error) => {
    if (!("code" in error && error.code === "EPIPE")) throw error;
    then();
  };
  process.stdout.removeAllListeners("error").on("error", tell(end));
  process.stderr.removeAllListeners("error").on(
    "error",
    tell(() => undefined),
  );
}
