/** `soketify migrate`: migrates the database to this release without starting a server. */
import { Command } from "commander";
import { explainDatabaseError } from "../../storage/database/explain-database-error.ts";
import {
  type DatabaseAddress,
  databaseAddress,
  describeDatabase,
  openDatabase,
} from "../../storage/database/open-database.ts";
import { migrateAt } from "../../storage/migrations/migrate.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { printFacts, printJson } from "../print.ts";
import { Refused } from "../refused.ts";
import { withExample } from "../with-example.ts";

export function migrateCommand(): Command {
  const command = withExample(new Command("migrate"), "migrate --database-url postgres://localhost/soketify")
    .description("Migrate the database to this release; starting the server does this too")
    .option("--json", "Print JSON");
  return addConfigFlags(command).action(async () => {
    const address = databaseAddress(configOf(command).config);
    const database = describeDatabase(address);
    const steps = await openAndMigrate(address).catch((error: unknown) => {
      throw new Refused(`${database} could not be migrated: ${explainDatabaseError(error, address)}`);
    });
    if (command.opts<{ json?: true }>().json) return printJson({ database, steps });
    printFacts([
      ["database", database],
      ["steps", steps.join(", ") || "none: the database was up to date"],
    ]);
  });
}

async function openAndMigrate(address: DatabaseAddress): Promise<string[]> {
  const db = await openDatabase(address);
  try {
    return await migrateAt(address, db);
  } finally {
    await db.destroy();
  }
}
