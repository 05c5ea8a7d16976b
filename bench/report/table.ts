/** Sections as plain text, for a terminal and for RESULTS.md. */
import type { Column, Row, Section } from "../scenarios/scenario.ts";

const thousands = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

/** The text of a cell; a missing figure is a dash. */
export function cellText(row: Row, { key, decimals }: Column): string {
  const value = row[key];
  if (typeof value === "string") return value;
  if (typeof value !== "number" || Number.isNaN(value)) return "–";
  return decimals === undefined ? thousands.format(value) : value.toFixed(decimals);
}

/** A Markdown table with aligned columns. */
export function sectionText({ title, columns, rows, notes }: Section): string {
  if (columns.length === 0) return [`## ${title}`, "", ...notes, ""].join("\n");
  const cells = rows.map((row) => columns.map((column) => cellText(row, column)));
  const labels = columns.map(({ label }) => label);
  const widths = labels.map((label, index) =>
    Math.max(label.length, ...cells.map((line) => (line[index] ?? "").length)),
  );
  const isNumber = columns.map(({ key }) => rows.some((row) => typeof row[key] === "number"));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, index) => (isNumber[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, index) => (isNumber[index] ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  return [
    `## ${title}`,
    "",
    line(labels),
    rule,
    ...cells.map(line),
    "",
    ...notes.map((note) => `${note}\n`),
  ].join("\n");
}
