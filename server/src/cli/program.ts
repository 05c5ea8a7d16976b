/** The command line, with one file per command. Exit codes: 0 success, 1 failure, 2 wrong usage. */
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/load-config.ts";
import { appCommand } from "./commands/app.ts";
import { auditCommand } from "./commands/audit.ts";
import { configCommand } from "./commands/config.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { healthCommand } from "./commands/health.ts";
import { historyCommand } from "./commands/history.ts";
import { importCommand } from "./commands/import.ts";
import { keysCommand } from "./commands/keys.ts";
import { listenCommand } from "./commands/listen.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { nodesCommand } from "./commands/nodes.ts";
import { peopleCommand } from "./commands/people.ts";
import { secretCommand } from "./commands/secret.ts";
import { startCommand } from "./commands/start.ts";
import { tokenCommand } from "./commands/token.ts";
import { triggerCommand } from "./commands/trigger.ts";
import { webhookCommand } from "./commands/webhook.ts";
import { onBrokenPipe, print, printError } from "./print.ts";
import { Refused } from "./refused.ts";
import type { CreateServer } from "./server-port.ts";
import { versionLine } from "./version-line.ts";
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
  useOwnExitAndOutput(program);
  return program;
}

/** Parsing errors are thrown instead of ending the process, and all texts are printed with control characters escaped. */
function useOwnExitAndOutput(command: Command): void {
  command.exitOverride();
  command.configureOutput({ writeOut: (text) => void print(text), writeErr: printError });
  for (const below of command.commands) useOwnExitAndOutput(below);
}
