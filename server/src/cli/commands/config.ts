/** `soketify config`: prints the effective values and the source of each. */
import { Command } from "commander";
import { describeConfig } from "../../config/describe-config.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { printJson, printTable } from "../print.ts";
import { withExample } from "../with-example.ts";

export function configCommand(): Command {
  const command = withExample(new Command("config"), "config --json")
    .description("Print the effective configuration, secrets masked")
    .option("--json", "Print JSON");
  return addConfigFlags(command).action(() => {
    const described = describeConfig(configOf(command));
    if (command.opts<{ json?: true }>().json) {
      printJson(Object.fromEntries(described.map(({ key, value, origin }) => [key, { value, origin }])));
      return;
    }
    printTable(
      ["option", "value", "from"],
      described.map(({ key, value, origin }) => [key, shown(value), origin.name]),
    );
  });
}

function shown(value: unknown): string {
  if (value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
