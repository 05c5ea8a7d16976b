/** `soketify import`: imports apps from a file that `soketify export` wrote, or from soketi. */
import { Command, Option } from "commander";
import { auditActor, cliActor } from "../../core/actor.ts";
import { readAppsDocument } from "../../storage/apps/apps-document.ts";
import { importApps, type WhenTaken } from "../../storage/apps/import-apps.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { withNewStore } from "../open-store.ts";
import { printFacts, printJson, printLine } from "../print.ts";
import { readLine, readText } from "../read-text.ts";
import { withExample } from "../with-example.ts";
import { WrongUse } from "../wrong-use.ts";
import { importFromSoketi } from "./import-soketi.ts";

interface Flags {
  readonly passphraseFile?: string;
  readonly from: "soketify" | "soketi";
  readonly taken: WhenTaken;
  readonly json?: true;
}

export function importCommand(): Command {
  const command = withExample(new Command("import"), "import apps.json --passphrase-file passphrase.txt")
    .description("Import apps from a file that `soketify export` wrote, or from soketi")
    .argument("<file>", "A file that `soketify export` wrote, or soketi's JSON config")
    .addOption(
      new Option(
        "--from <server>",
        "The server that the file comes from; soketi's config may name a database with apps",
      )
        .choices(["soketify", "soketi"])
        .default("soketify"),
    )
    .option(
      "--passphrase-file <path>",
      "File with the passphrase that `soketify export` encrypted the secrets with",
    )
    .addOption(
      new Option("--taken <what>", "What to do with an app whose id already exists")
        .choices(["refuse", "skip", "replace"])
        .default("refuse"),
    )
    .option("--json", "Print JSON");
  addConfigFlags(command, ["dataDir", "databaseUrl", "tablePrefix"]);
  return command.action(async (file: string, { passphraseFile, from, taken, json }: Flags) => {
    const { config } = configOf(command);
    if (from === "soketi") {
      const { notes, ...outcome } = await importFromSoketi(config, file, taken);
      if (json) return printJson({ ...outcome, notes });
      printFacts(Object.entries(outcome).map(([what, ids]) => [what, String(ids)]));
      for (const note of notes) printLine(`not imported  ${note}`);
      return;
    }
    if (passphraseFile === undefined)
      throw new WrongUse(
        "--passphrase-file is missing. It must contain the passphrase that `soketify export` encrypted the secrets with.",
      );
    const [text, passphrase] = [readText(file), readLine(passphraseFile)];
    return withNewStore(config, async ({ inOneTransaction }) => {
      const given = await readAppsDocument(text, passphrase);
      const outcome = await inOneTransaction(async ({ apps, audit }) => {
        const done = await importApps(apps, given, taken);
        for (const appId of [...done.created, ...done.replaced]) {
          const what = {
            action: "app.import",
            target: `app ${appId}`,
            appId,
            before: null,
            after: null,
          } as const;
          await audit.append({ ...auditActor(cliActor), ...what });
        }
        return done;
      });
      if (json) return printJson(outcome);
      printFacts(Object.entries(outcome).map(([what, ids]: [string, string[]]) => [what, ids.join(", ")]));
    });
  });
}
