/** `soketify import`: brings in the apps of a file that `soketify export` wrote. */
import { Command, Option } from "commander";
import { cliActor, noted } from "../core/actor.ts";
import { readAppsDocument } from "../storage/apps-document.ts";
import { importApps, type WhenTaken } from "../storage/import-apps.ts";
import { addConfigFlags, configOf } from "./config-flags.ts";
import { withNewStore } from "./open-store.ts";
import { printFacts, printJson } from "./print.ts";
import { readLine, readText } from "./read-text.ts";
import { withExample } from "./with-example.ts";

interface Flags {
  readonly passphraseFile: string;
  readonly taken: WhenTaken;
  readonly json?: true;
}

export function importCommand(): Command {
  const command = withExample(new Command("import"), "import apps.json --passphrase-file passphrase.txt")
    .description("Bring in the apps of a file that `soketify export` wrote")
    .argument("<file>", "What `soketify export` wrote")
    .requiredOption("--passphrase-file <path>", "Holds what the secrets were sealed with")
    .addOption(
      new Option("--taken <what>", "What becomes of an app whose id is there already")
        .choices(["refuse", "skip", "replace"])
        .default("refuse"),
    )
    .option("--json", "Print JSON");
  addConfigFlags(command, ["dataDir", "databaseUrl", "tablePrefix"]);
  return command.action((file: string, { passphraseFile, taken, json }: Flags) => {
    const [text, passphrase] = [readText(file), readLine(passphraseFile)];
    return withNewStore(configOf(command).config, async ({ inOneTransaction }) => {
      const given = await readAppsDocument(text, passphrase);
      const outcome = await inOneTransaction(async ({ apps, audit }) => {
        const done = await importApps(apps, given, taken);
        for (const appId of [...done.created, ...done.replaced]) {
          const what = { action: "app.import", target: `app ${appId}`, appId, before: null, after: null };
          await audit.append({ ...noted(cliActor), ...what });
        }
        return done;
      });
      if (json) return printJson(outcome);
      printFacts(Object.entries(outcome).map(([what, ids]: [string, string[]]) => [what, ids.join(", ")]));
    });
  });
}
