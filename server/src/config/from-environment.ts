/** Reads options from the environment. */
import { envNameOf, type OptionKey, optionKeys, options } from "./config.ts";
import { isServiceLink } from "./kubernetes.ts";
import { type Layer, unknownName } from "./layer.ts";
import type { Machine } from "./option.ts";
import { fileEnvNameOf, readSecretFile } from "./secret-file.ts";

/** Environment names that are not options: the config file's path, and the commands' server address and token. */
const otherEnvNames = ["SOKETIFY_CONFIG", "SOKETIFY_URL", "SOKETIFY_TOKEN", "SOKETIFY_TOKEN_FILE"];

/** The names that soketi uses. */
const soketiNames: { readonly [Name: string]: OptionKey } = {
  SOKETI_DEFAULT_APP_ID: "appId",
  SOKETI_DEFAULT_APP_KEY: "appKey",
  SOKETI_DEFAULT_APP_SECRET: "appSecret",
  SOKETI_HOST: "host",
  SOKETI_PORT: "port",
};

/** An empty value counts as unset, because container tools pass on unset variables as empty. */
export function fromEnvironment(machineEnv: Machine["env"], problems: string[], notes: string[]): Layer {
  const env = withoutServiceLinks(machineEnv, notes);
  const layer: Layer = new Map();
  const byName = new Map<string, OptionKey>();
  const byFileName = new Map<string, OptionKey>();
  for (const key of optionKeys) {
    if (!options[key].isFileOnly) byName.set(envNameOf(key), key);
    if (options[key].isSecret) byFileName.set(fileEnvNameOf(key), key);
  }

  for (const [name, key] of Object.entries(soketiNames)) {
    const value = env[name];
    if (!value || env[envNameOf(key)] || (options[key].isSecret && env[fileEnvNameOf(key)])) continue;
    layer.set(key, { value, origin: { kind: "environment", name } });
    notes.push(`${name} is read as ${envNameOf(key)}, its name in Soketify`);
  }
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("SOKETIFY_") || otherEnvNames.includes(name)) continue;
    const key = byName.get(name);
    const fileKey = byFileName.get(name);
    if (key === undefined && fileKey === undefined) {
      const known = [...byName.keys(), ...byFileName.keys(), ...otherEnvNames];
      problems.push(unknownName(`The environment variable ${name}`, name, known));
    } else if (!value) continue;
    else if (key !== undefined) layer.set(key, { value, origin: { kind: "environment", name } });
    else if (fileKey !== undefined && env[envNameOf(fileKey)])
      problems.push(`${envNameOf(fileKey)} and ${name} are both given: keep one of them.`);
    else if (fileKey !== undefined) {
      const secret = readSecretFile(value, name, problems);
      if (secret !== null) layer.set(fileKey, { value: secret, origin: { kind: "environment", name } });
    }
  }
  return layer;
}

function withoutServiceLinks(env: Machine["env"], notes: string[]): Machine["env"] {
  const links = Object.keys(env).filter(
    (name) => /^SOKETI(FY)?_/.test(name) && isServiceLink(name, env[name]),
  );
  if (links.length === 0) return env;
  const example = links.length === 1 ? links[0] : `${links[0]} and ${links.length - 1} more`;
  notes.push(
    `${example} ignored: Kubernetes sets such variables for a Service, and they are not options (enableServiceLinks: false in the pod's spec disables them)`,
  );
  return Object.fromEntries(Object.entries(env).filter(([name]) => !links.includes(name)));
}
