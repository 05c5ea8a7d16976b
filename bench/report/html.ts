/** The report as one self-contained HTML file: tables, and bars drawn as SVG. */
import type { Row, Section } from "../scenarios/scenario.ts";
import { cellText } from "./table.ts";

export interface Report {
  readonly command: string;
  readonly takenAt: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly sections: readonly Section[];
}

const colours = ["#8a8f98", "#2f6fde", "#d9822b", "#3f9b6c", "#9a5cc4"];
const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1c2024;background:#fff}
table{border-collapse:collapse;display:block;overflow-x:auto;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;border-bottom:1px solid #dde1e6;text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#1c2024}`;

export function reportHtml({ command, takenAt, machine, sections }: Report): string {
  const facts = Object.entries(machine).map(([name, fact]) => `${escapeHtml(name)}: ${escapeHtml(fact)}`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Soketify benchmark</title><style>${style}</style>
<h1>Soketify benchmark</h1><p><code>${escapeHtml(command)}</code>, ${escapeHtml(takenAt)}<br>${facts.join("<br>")}</p>
${sections.map(sectionHtml).join("\n")}</html>\n`;
}

function sectionHtml(section: Section): string {
  const { title, columns, rows, notes } = section;
  const head = columns.map(({ label }) => `<th>${escapeHtml(label)}</th>`).join("");
  const body = rows.map(
    (row) => `<tr>${columns.map((column) => `<td>${escapeHtml(cellText(row, column))}</td>`).join("")}</tr>`,
  );
  return `<h2>${escapeHtml(title)}</h2>${chartSvg(section)}<table><tr>${head}</tr>${body.join("")}</table>${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("")}`;
}

const barHeight = 16;
const groupGap = 14;
const labelWidth = 150;
const barWidthMax = 560;

/** Horizontal bars from zero, one group for each x; empty if the section has no chart. A missing figure has a text and no bar. */
function chartSvg({ chart, rows }: Section): string {
  if (chart === undefined) return "";
  const figureOf = (row: Row): number => Number(row[chart.y] ?? Number.NaN);
  const groups = Map.groupBy(rows, (row) => String(row[chart.x]));
  const series = [...new Set(rows.map((row) => String(row[chart.series])))];
  const scale = barWidthMax / Math.max(...rows.map(figureOf).filter(Number.isFinite));
  let y = 24;
  const parts: string[] = [`<text x="0" y="14">${escapeHtml(chart.label)}</text>`];
  for (const [name, members] of groups) {
    parts.push(`<text x="0" y="${y + barHeight - 4}">${escapeHtml(name)}</text>`);
    for (const row of members) {
      const who = String(row[chart.series]);
      const figure = figureOf(row);
      const width = Number.isFinite(figure) ? Math.max(1, figure * scale) : 0;
      const text = Number.isFinite(figure)
        ? figure.toFixed(2)
        : typeof row[chart.y] === "string"
          ? row[chart.y]
          : "unknown";
      const colour = colours[series.indexOf(who) % colours.length];
      parts.push(
        `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="${barHeight - 2}" fill="${colour}"/>`,
        `<text x="${(labelWidth + width + 6).toFixed(1)}" y="${y + barHeight - 4}">${escapeHtml(`${who} ${text}`)}</text>`,
      );
      y += barHeight;
    }
    y += groupGap;
  }
  return `<svg viewBox="0 0 900 ${y}" width="900" height="${y}" role="img" aria-label="${escapeHtml(chart.label)}">${parts.join("")}</svg>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
