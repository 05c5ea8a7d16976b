/** `soketify migrate`: brings the database to this release's shape without starting a server. */
import { Command } from "commander";
import { migrate } from "../storage/migrate.ts";
import { describeDatabase, openDatabase } from "../storage/open-database.ts";
import { addConfigFlags, configOf } from "./config-flags.ts";
import { printFacts, printJson } from "./print.ts";
import { Refused } from "./refused.ts";
import { withExample } from "./with-example.ts";

export function migrateCommand(): Command {
  const command = withExample(new Command("migrate"), "migrate --database-url postgres://localhost/soketify")
    .description("Bring the database to this release's shape; a start does it too")
    .option("--json", "Print JSON");
  return addConfigFlags(command).action(async () => {
    const { databaseUrl, dataDir } = configOf(command).config;
    const address = { url: databaseUrl, dataDir };
    const database = describeDatabase(address);
    const steps = await migrateAt(address).catch((error: Error) => {
      throw new Refused(`${database} could not be migrated: ${error.message}`);
    });
    if (command.opts<{ json?: true }>().json) return printJson({ database, steps });
    printFacts([
      ["database", database],
      ["steps", steps.join(", ") || "none: it was up to date"],
    ]);
  });
}

async function migrateAt(address: { url: string | null; dataDir: string }): Promise<string[]> {
  const db = await openDatabase(address);
  try {
    return await migrate(db);
  } finally {
    await db.destroy();
  }
}
