/** The effective configuration for people and tools, and the table in docs/configuration.md. */
import { envNameOf, flagOf, type OptionKey, optionKeys, options } from "./config.ts";
import type { LoadedConfig, Origin } from "./load-config.ts";

export interface DescribedOption {
  readonly key: OptionKey;
  /** A secret is shown as `********`. */
  readonly value: unknown;
  readonly origin: Origin;
}

export function describeConfig({ config, origins }: LoadedConfig): DescribedOption[] {
  return optionKeys.map((key) => ({
    key,
    value: options[key].isSecret && config[key] !== null ? "********" : config[key],
    origin: origins[key],
  }));
}

/** A Markdown table row for each option. */
export function optionsTable(): string {
  const rows = optionKeys.map((key) => {
    const { help, expected, defaultText, isFileOnly } = options[key];
    const names = isFileOnly ? "config file only | –" : `\`${flagOf(key)}\` | \`${envNameOf(key)}\``;
    return `| \`${key}\` | ${names} | ${cell(defaultText)} | ${cell(help)} | ${cell(expected)} |`;
  });
  return [
    "| key in the file | flag | environment | default | what it does | what it must be |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function cell(content: string): string {
  return content.replaceAll("|", "\\|");
}
