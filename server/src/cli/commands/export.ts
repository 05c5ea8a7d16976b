/** `soketify export`: writes all apps to a JSON file. A passphrase encrypts their secrets. */
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { systemClock } from "../../composition/system-clock.ts";
import { auditActor, cliActor } from "../../core/actor.ts";
import { writeAppsDocument } from "../../storage/apps/apps-document.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { withStore } from "../open-store.ts";
import { printFacts, printJson } from "../print.ts";
import { readLine } from "../read-text.ts";
import { withExample } from "../with-example.ts";

export function exportCommand(): Command {
  const command = withExample(new Command("export"), "export apps.json --passphrase-file passphrase.txt")
    .description("Write all apps and their settings to a file that `soketify import` reads")
    .argument("<file>", "The file to write; it must not exist yet")
    .requiredOption(
      "--passphrase-file <path>",
      "File with the passphrase that encrypts the secrets, at least 12 characters",
    )
    .option("--json", "Print JSON");
  addConfigFlags(command, ["dataDir", "databaseUrl", "tablePrefix"]);
  return command.action((file: string, { passphraseFile, json }: { passphraseFile: string; json?: true }) => {
    const passphrase = readLine(passphraseFile);
    return withStore(configOf(command).config, async ({ apps, inOneTransaction }) => {
      const records = await apps.list();
      const document = await writeAppsDocument(records, passphrase, systemClock.now());
      const what = { action: "app.export", target: `${records.length} apps`, appId: null } as const;
      await inOneTransaction(({ audit }) =>
        audit.append({ ...auditActor(cliActor), ...what, before: null, after: null }),
      );
      writeFileSync(file, document, { mode: 0o600, flag: "wx" });
      if (json) printJson({ file, apps: records.map(({ id }) => id) });
      else printFacts([["exported", `${records.length} apps to ${file}`]]);
    });
  });
}
