import type { Command } from "commander";

/** One use of the command, which its help ends with. */
export function withExample(command: Command, line: string): Command {
  return command.addHelpText("after", `\nExample:\n  soketify ${line}`);
}
