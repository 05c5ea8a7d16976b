/** The flags of the options, for every command that reads the configuration. */
import { type Command, Option } from "commander";
import { flagOf, type OptionKey, optionKeys, options } from "../config/config.ts";
import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import { thisMachine } from "../config/machine.ts";
import { fileFlagOf, isUrl } from "../config/secret-file.ts";

export function addConfigFlags(command: Command, keys: readonly OptionKey[] = optionKeys): Command {
  command.option(
    "--config <path>",
    "Config file; otherwise soketify.config.{json,yaml,yml,toml} in this folder",
  );
  for (const key of keys) {
    const { help, defaultText, isFileOnly, isSecret, default: ofDefault } = options[key];
    if (isFileOnly) continue;
    if (isSecret)
      command.option(`${fileFlagOf(key)} <path>`, `File that holds it, or - for standard input. ${help}`);
    if (isSecret && !isUrl(key)) {
      // Known only so that loadConfig can say what to do instead.
      command.addOption(new Option(`${flagOf(key)} <value>`, help).hideHelp());
      continue;
    }
    const value = typeof ofDefault === "boolean" ? "[true|false]" : "<value>";
    command.option(`${flagOf(key)} ${value}`, `${help} (default: ${defaultText})`);
  }
  return command;
}

/** @throws ConfigError */
export function configOf(command: Command): LoadedConfig {
  const { config: configPath, ...flags } = command.opts<
    Record<string, string | true> & { config?: string }
  >();
  return loadConfig({ flags, configPath, machine: thisMachine(), folder: process.cwd() });
}
