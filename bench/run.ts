/** `npm run bench [-- SCENARIO… --quick]`: runs the scenarios, prints their tables, writes bench/results/. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Report, reportHtml } from "./report/html.ts";
import { sectionText } from "./report/table.ts";
import { capacity } from "./scenarios/capacity.ts";
import { cluster } from "./scenarios/cluster.ts";
import { connects, idle } from "./scenarios/connections.ts";
import { fanOut } from "./scenarios/fan-out.ts";
import { history } from "./scenarios/history.ts";
import { hold } from "./scenarios/hold.ts";
import { batch, http } from "./scenarios/http.ts";
import { manyChannels } from "./scenarios/many-channels.ts";
import { presence } from "./scenarios/presence.ts";
import type { Scenario, Section } from "./scenarios/scenario.ts";
import { describeMachine, pinClients } from "./target/machine.ts";

const scenarios: readonly Scenario[] = [
  fanOut,
  capacity,
  hold,
  manyChannels,
  http,
  batch,
  connects,
  idle,
  presence,
  history,
  cluster,
];
const quickFlag = "--quick";

const words = process.argv.slice(2);
const isQuick = words.includes(quickFlag);
const chosen = choose(words.filter((word) => word !== quickFlag));
if (chosen === null) {
  const list = scenarios.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join("\n");
  process.stderr.write(`usage: npm run bench [-- SCENARIO… ${quickFlag}]\n${list}\n`);
  process.exit(2);
}
pinClients();
const sections: Section[] = [];
for (const scenario of chosen) {
  const log = (text: string): void => console.error(`${scenario.name}: ${text}`);
  for (const section of await scenario.run({ isQuick, log })) {
    sections.push(section);
    console.log(`\n${sectionText(section)}`);
  }
}
write({
  command: `npm run bench -- ${words.join(" ")}`.replace(/ -- $/, ""),
  takenAt: new Date().toISOString(),
  machine: describeMachine(),
  sections,
});
process.exit(0);

/** All scenarios if `names` is empty; null if a name is unknown. */
function choose(names: readonly string[]): readonly Scenario[] | null {
  if (names.length === 0) return scenarios;
  const found = scenarios.filter(({ name }) => names.includes(name));
  return found.length === names.length ? found : null;
}

function write(report: Report): void {
  const folder = join(import.meta.dir, "results");
  mkdirSync(folder, { recursive: true });
  const name = isQuick ? "quick" : "latest";
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.html`), reportHtml(report));
  console.error(`written: bench/results/${name}.json and ${name}.html`);
}
