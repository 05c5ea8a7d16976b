/** The flags for all options, for commands that read the configuration. */
import { type Command, Option } from "commander";
import { flagOf, type OptionKey, optionKeys, options } from "../config/config.ts";
import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import { thisMachine } from "../config/machine.ts";
import { fileFlagOf, isUrl } from "../config/secret-file.ts";

export function addConfigFlags(command: Command, keys: readonly OptionKey[] = optionKeys): Command {
  command.option(
    "--config <path>",
    "Config file; default: soketify.config.{json,yaml,yml,toml} in the current folder",
  );
  for (const key of keys) {
    const { help, defaultText, isFileOnly, isSecret, default: ofDefault } = options[key];
    if (isFileOnly) continue;
    if (isSecret)
      command.option(`${fileFlagOf(key)} <path>`, `File that contains it, or - for standard input. ${help}`);
    if (isSecret && !isUrl(key)) {
      // Hidden flags: loadConfig rejects them and says what to use instead.
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
