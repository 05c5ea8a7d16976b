/** Describes the effective configuration, and generates the table in docs/reference/configuration.md. */
import { envNameOf, flagOf, type OptionKey, optionKeys, options } from "./config.ts";
import type { Origin } from "./layer.ts";
import type { LoadedConfig } from "./load-config.ts";
import { fileEnvNameOf, fileFlagOf, isUrl } from "./secret-file.ts";

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
    const { help, expected, defaultText } = options[key];
    const names = namesOf(key);
    return `| \`${key}\` | ${names} | ${cell(defaultText)} | ${cell(help)} | ${cell(expected)} |`;
  });
  return [
    "| key in the file | flag | environment | default | what it does | what it must be |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function namesOf(key: OptionKey): string {
  const { isFileOnly, isSecret } = options[key];
  if (isFileOnly) return "config file only | –";
  const flag = isSecret && !isUrl(key) ? fileFlagOf(key) : flagOf(key);
  const file = isSecret ? `, or a file: \`${fileEnvNameOf(key)}\`` : "";
  return `\`${flag}\` | \`${envNameOf(key)}\`${file}`;
}

function cell(content: string): string {
  return content.replaceAll("|", "\\|");
}
