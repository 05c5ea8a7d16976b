/** The command line, with one file per command. Exit codes: 0 success, 1 failure, 2 wrong usage. */
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/load-config.ts";
import { appCommand } from "./app.ts";
import { auditCommand } from "./audit.ts";
import { configCommand } from "./config.ts";
import { doctorCommand } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { healthCommand } from "./health.ts";
import { historyCommand } from "./history.ts";
import { importCommand } from "./import.ts";
import { keysCommand } from "./keys.ts";
import { listenCommand } from "./listen.ts";
import { migrateCommand } from "./migrate.ts";
import { nodesCommand } from "./nodes.ts";
import { peopleCommand } from "./people.ts";
import { onBrokenPipe, print, printError } from "./print.ts";
import { Refused } from "./refused.ts";
import { secretCommand } from "./secret.ts";
import type { CreateServer } from "./server-port.ts";
import { startCommand } from "./start.ts";
import { tokenCommand } from "./token.ts";
import { triggerCommand } from "./trigger.ts";
import { versionLine } from "./version-line.ts";
import { webhookCommand } from "./webhook.ts";
import { WrongUse } from "./wrong-use.ts";

export async function runCommand(args: readonly string[], createServer: CreateServer): Promise<number> {
  onBrokenPipe(() => process.exit(0));
  try {
    await createProgram(createServer).parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof ConfigError) {
      for (const problem of error.problems) printError(`${problem}\n`);
      return 2;
    }
    if (error instanceof Refused || error instanceof WrongUse) {
      printError(`${error.message}\n`);
      return error instanceof WrongUse ? 2 : 1;
    }
    throw error;
  }
}

export function createProgram(createServer: CreateServer): Command {
  const program = new Command("soketify")
    .description("A realtime WebSocket server that works with any Pusher SDK.")
    .version(versionLine(), "-V, --version", "Print version, commit and runtime")
    .showSuggestionAfterError()
    .addCommand(startCommand(createServer), { isDefault: true })
    .addCommand(configCommand())
    .addCommand(doctorCommand())
    .addCommand(healthCommand())
    .addCommand(migrateCommand())
    .addCommand(keysCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(nodesCommand(createServer))
    .addCommand(appCommand(createServer))
    .addCommand(secretCommand(createServer))
    .addCommand(tokenCommand(createServer))
    .addCommand(peopleCommand())
    .addCommand(webhookCommand(createServer))
    .addCommand(triggerCommand(createServer))
    .addCommand(historyCommand(createServer))
    .addCommand(listenCommand(createServer))
    .addCommand(auditCommand(createServer));
  leaveEndingAndWritingToUs(program);
  return program;
}

function leaveEndingAndWritingToUs(command: Command): void {
  command.exitOverride();
  command.configureOutput({ writeOut: (text) => void print(text), writeErr: printError });
  for (const below of command.commands) leaveEndingAndWritingToUs(below);
}
