import type { Command } from "commander";

/** Adds an example to the end of the command's help. */
export function withExample(command: Command, line: string): Command {
  return command.addHelpText("after", `\nExample:\n  soketify ${line}`);
}
