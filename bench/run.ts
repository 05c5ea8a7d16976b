/** `npm run bench [-- SCENARIO… --quick]`: runs the scenarios, prints their tables, writes bench/results/. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
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
import { peers } from "./scenarios/peers.ts";
import { presence } from "./scenarios/presence.ts";
import type { Scenario, Section } from "./scenarios/scenario.ts";
import { tls } from "./scenarios/tls.ts";
import { missingFeatures } from "./target/features.ts";
import { foreignTarget, requireApp } from "./target/foreign.ts";
import { describeMachine, pinClients } from "./target/machine.ts";
import { type StartTarget, startSoketify } from "./target/target.ts";

/** The scenarios that compare servers under the same loads in one run. */
const comparing: readonly Scenario[] = [fanOut, http, batch, connects, idle, presence, manyChannels];
const scenarios: readonly Scenario[] = [...comparing, capacity, hold, tls, history, peers, cluster];

const { values, positionals } = readArguments();
const isQuick = values.quick === true;
const offered = values.against === undefined ? scenarios : comparing;
const chosen = offered.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const unknown = positionals.find((name) => !offered.some((scenario) => scenario.name === name));
if (unknown !== undefined) fail(`there is no scenario ${unknown}`);
// Omits the credentials of the other server's app, because reports are shared.
const commandWords = [
  ...(values.against === undefined ? [] : ["--against", values.against]),
  ...(isQuick ? ["--quick"] : []),
  ...positionals,
];
const servers = values.against === undefined ? null : await serversOf(values.against);
pinClients();
const sections: Section[] = [];
let hasFailed = false;
for (const scenario of chosen) {
  const log = (text: string): void => console.error(`${scenario.name}: ${text}`);
  const made = await scenario
    .run({ isQuick, log, ...(servers === null ? {} : { servers }) })
    .catch((error) => {
      hasFailed = true;
      log(`failed: ${error.stack}`);
      return [failedSection(scenario, error.message)];
    });
  for (const section of made) {
    sections.push(section);
    console.log(`\n${sectionText(section)}`);
  }
}
write({
  command: ["npm run bench", ...(commandWords.length === 0 ? [] : ["--"]), ...commandWords].join(" "),
  takenAt: new Date().toISOString(),
  machine: describeMachine(),
  sections,
});
process.exit(hasFailed ? 1 : 0);

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean" },
        mine: { type: "boolean" },
        against: { type: "string" },
        "app-id": { type: "string" },
        key: { type: "string" },
        secret: { type: "string" },
      },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** Soketify, and the server to compare it with. Asks for confirmation first: a local port may lead to another machine. */
async function serversOf(url: string): Promise<StartTarget[]> {
  const { "app-id": id, key, secret, mine } = values;
  if (id === undefined || key === undefined || secret === undefined)
    return fail("--against needs the app of that server: --app-id, --key and --secret");
  const server = await foreignTarget(url, { id, key, secret }).catch((error: Error) => fail(error.message));
  const question = `The benchmark loads ${server.name} until it has no core left. Is that server yours?`;
  if (mine !== true && !(process.stdin.isTTY && confirm(question)))
    return refuse("load only your own server, and confirm it with --mine");
  await requireApp(server).catch((error: Error) => refuse(error.message));
  const missing = await missingFeatures(server);
  for (const [feature, reason] of missing) console.error(`${server.name} lacks ${feature}: ${reason}`);
  if (missing.has("public channels") && missing.has("publishes"))
    return refuse(
      `${server.name} accepts neither connections nor publishes\ncheck --app-id, --key and --secret`,
    );
  const other = { ...server, missing };
  return [(environment) => startSoketify(environment), () => Promise.resolve(other)];
}

/** Stands for a failed scenario, so that the figures of the others are kept: a run takes long. */
function failedSection({ name, summary }: Scenario, reason: string): Section {
  return {
    title: `${name}: ${summary}`,
    columns: [],
    rows: [],
    notes: [`Not measured, because it failed: ${reason}`],
  };
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function fail(sentence: string): never {
  const list = scenarios.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join("\n");
  const loads = comparing.map(({ name }) => name).join(", ");
  return refuse(
    `${sentence}\nusage: npm run bench [-- SCENARIO… --quick]\n${list}\n` +
      "or:    npm run bench -- --against http://HOST:PORT --app-id ID --key KEY --secret SECRET [--mine] [SCENARIO…]\n" +
      `  the same loads for Soketify and for that Pusher server (${loads}); --mine: the server is yours`,
  );
}

function write(report: Report): void {
  const folder = join(import.meta.dir, "results");
  mkdirSync(folder, { recursive: true });
  const name = servers === null ? (isQuick ? "quick" : "latest") : isQuick ? "against-quick" : "against";
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.html`), reportHtml(report));
  console.error(`written: bench/results/${name}.json and ${name}.html`);
}
