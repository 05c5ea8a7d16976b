/** Reads options from the command line. */
import { envNameOf, flagOf, type OptionKey, optionKeys, options } from "./config.ts";
import type { Layer } from "./layer.ts";
import { fileEnvNameOf, fileFlagOf, isUrl, readSecretFile } from "./secret-file.ts";

const passwordInUrl = /:\/\/[^/?#]*:[^/?#]*@|[?&]password=/i;

/** @param flags by option key, as text; a flag without a value is `true` */
export function fromFlags(flags: Readonly<Record<string, unknown>>, problems: string[]): Layer {
  const layer: Layer = new Map();
  for (const key of optionKeys) {
    const value = flags[key];
    const file = options[key].isSecret ? flags[`${key}File`] : undefined;
    if (value !== undefined && isSecretText(key, value)) problems.push(visibleSecret(key));
    else if (value !== undefined) layer.set(key, { value, origin: { kind: "flag", name: flagOf(key) } });
    else if (file !== undefined) {
      const name = fileFlagOf(key);
      const secret = readSecretFile(String(file), name, problems);
      if (secret !== null) layer.set(key, { value: secret, origin: { kind: "flag", name } });
    }
  }
  return layer;
}

function isSecretText(key: OptionKey, value: unknown): boolean {
  return isUrl(key) ? passwordInUrl.test(String(value)) : options[key].isSecret;
}

function visibleSecret(key: OptionKey): string {
  return `${flagOf(key)} would show a secret to everybody who lists the processes of this machine. Give it as ${envNameOf(key)}, as ${key} in the config file, or in a file that ${fileFlagOf(key)} (${fileEnvNameOf(key)}) names; - is standard input.`;
}
