/** Puts flags, environment, config file and defaults together: flag > environment > file > default. */
import { type Config, envNameOf, flagOf, type OptionKey, optionKeys, options } from "./config.ts";
import { ConfigFileError, readConfigFile } from "./config-file.ts";
import { isServiceLink } from "./kubernetes.ts";
import { nearestName } from "./nearest-name.ts";
import type { Machine, Option } from "./option.ts";

export interface Origin {
  readonly kind: "flag" | "environment" | "file" | "default";
  /** `--port`, `SOKETIFY_PORT`, the file's path, or `default`. */
  readonly name: string;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly origins: { readonly [Key in OptionKey]: Origin };
  /** What a start writes to the log about how it was configured. */
  readonly notes: readonly string[];
}

export interface ConfigSources {
  /** By option key, as text; a flag without a value is `true`. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The value of `--config`. */
  readonly configPath?: string | undefined;
  readonly machine: Machine;
  readonly folder: string;
}

/** Everything that is wrong, each problem a sentence; never with a value of a secret in it. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Environment names that are no options: the config file's path, and where the command line finds a server. */
const otherEnvNames = ["SOKETIFY_CONFIG", "SOKETIFY_URL", "SOKETIFY_TOKEN"];

/** What soketi calls them. */
const soketiNames: { readonly [Name: string]: OptionKey } = {
  SOKETI_DEFAULT_APP_ID: "appId",
  SOKETI_DEFAULT_APP_KEY: "appKey",
  SOKETI_DEFAULT_APP_SECRET: "appSecret",
  SOKETI_HOST: "host",
  SOKETI_PORT: "port",
};

interface Given {
  readonly value: unknown;
  readonly origin: Origin;
}

/** @throws ConfigError with every problem found, not only the first */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const problems: string[] = [];
  const notes: string[] = [];
  const layers = [fromFlags(sources), fromEnvironment(sources, problems, notes), fromFile(sources, problems)];

  const values = new Map<OptionKey, unknown>();
  const origins = new Map<OptionKey, Origin>();
  for (const key of optionKeys) {
    const given = layers.map((layer) => layer.get(key)).find((one) => one !== undefined);
    origins.set(key, given?.origin ?? { kind: "default", name: "default" });
    const option: Option<unknown> = options[key];
    if (given === undefined) {
      values.set(
        key,
        typeof option.default === "function" ? option.default(sources.machine) : option.default,
      );
      continue;
    }
    const result = option.schema.safeParse(given.value);
    if (result.success) values.set(key, result.data);
    else problems.push(wrongValue(key, given));
  }
  const config = Object.fromEntries(values) as unknown as Config;
  if (problems.length === 0) problems.push(...togetherProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, origins: Object.fromEntries(origins) as LoadedConfig["origins"], notes };
}

function fromFlags({ flags }: ConfigSources): Map<OptionKey, Given> {
  const layer = new Map<OptionKey, Given>();
  for (const key of optionKeys) {
    const value = flags[key];
    if (value !== undefined) layer.set(key, { value, origin: { kind: "flag", name: flagOf(key) } });
  }
  return layer;
}

/** An empty value counts as unset, as container tools pass on variables that they do not have. */
function fromEnvironment(
  { machine }: ConfigSources,
  problems: string[],
  notes: string[],
): Map<OptionKey, Given> {
  const env = withoutServiceLinks(machine.env, notes);
  const layer = new Map<OptionKey, Given>();
  const byName = new Map<string, OptionKey>();
  for (const key of optionKeys) if (!options[key].isFileOnly) byName.set(envNameOf(key), key);

  for (const [name, key] of Object.entries(soketiNames)) {
    const value = env[name];
    if (!value || env[envNameOf(key)]) continue;
    layer.set(key, { value, origin: { kind: "environment", name } });
    notes.push(`${name} is read as ${envNameOf(key)}, its name in Soketify`);
  }
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("SOKETIFY_") || otherEnvNames.includes(name)) continue;
    const key = byName.get(name);
    if (key === undefined) {
      problems.push(
        unknownName(`The environment variable ${name}`, name, [...byName.keys(), ...otherEnvNames]),
      );
    } else if (value) {
      layer.set(key, { value, origin: { kind: "environment", name } });
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
    `${example} ignored: Kubernetes sets such variables for a Service, and they are no options (enableServiceLinks: false in the pod's spec switches them off)`,
  );
  return Object.fromEntries(Object.entries(env).filter(([name]) => !links.includes(name)));
}

function fromFile(sources: ConfigSources, problems: string[]): Map<OptionKey, Given> {
  const layer = new Map<OptionKey, Given>();
  try {
    const file = readConfigFile(sources.folder, askedFile(sources));
    if (file === null) return layer;
    for (const [name, value] of Object.entries(file.values)) {
      const key = optionKeys.find((one) => one === name);
      if (key === undefined) problems.push(unknownName(`The key ${name} in ${file.path}`, name, optionKeys));
      else if (value !== null) layer.set(key, { value, origin: { kind: "file", name: file.path } });
    }
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    problems.push(error.message);
  }
  return layer;
}

function askedFile({ configPath, machine }: ConfigSources): { path: string; from: string } | null {
  if (configPath !== undefined) return { path: configPath, from: "--config" };
  const path = machine.env.SOKETIFY_CONFIG;
  return path ? { path, from: "SOKETIFY_CONFIG" } : null;
}

function unknownName(subject: string, name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const hint = nearest === null ? "`soketify config` lists the names." : `Did you mean ${nearest}?`;
  return `${subject} is no option of Soketify. ${hint}`;
}

function wrongValue(key: OptionKey, { value, origin }: Given): string {
  const { expected, isSecret, isText } = options[key];
  const where = origin.kind === "file" ? `${key} in ${origin.name}` : origin.name;
  const shown = isSecret ? "The given value" : shorten(value);
  const hint = isText && losesDigits(value) ? " Put it in quotes." : "";
  return `${where} must be ${expected}. ${shown} is not.${hint}`;
}

/** Read without quotes, it is no longer the text that stands in the file. */
function losesDigits(value: unknown): boolean {
  const isScalar = ["number", "bigint", "boolean"].includes(typeof value) || value instanceof Date;
  return isScalar && !Number.isSafeInteger(value);
}

function shorten(value: unknown): string {
  const shown =
    typeof value === "bigint"
      ? String(value)
      : JSON.stringify(value, (_, one) => (typeof one === "bigint" ? Number(one) : one));
  return shown.length <= 100 ? shown : `${shown.slice(0, 100)}…`;
}

/** What makes sense together only. */
function togetherProblems(config: Config): string[] {
  return [
    ...allOrNone(config, ["appId", "appKey", "appSecret"]),
    ...allOrNone(config, ["tlsCertFile", "tlsKeyFile"]),
    ...allOrNone(config, ["adminEmail", "adminPassword"]),
    ...allOrNone(config, ["oidcIssuer", "oidcClientId", "oidcClientSecret"]),
    ...oidcPlace(config),
    ...ownPorts(config),
  ];
}

function allOrNone(config: Config, keys: readonly OptionKey[]): string[] {
  const missing = keys.filter((key) => config[key] === null);
  if (missing.length === 0 || missing.length === keys.length) return [];
  const names = (some: readonly OptionKey[]) => some.map((key) => `${key} (${envNameOf(key)})`).join(", ");
  const given = keys.filter((key) => config[key] !== null);
  return [`${names(given)} given without ${names(missing)}: give all of them or none.`];
}

function oidcPlace({ oidcIssuer, publicUrl, dashboardUrl, dashboardPort }: Config): string[] {
  if (oidcIssuer === null || dashboardUrl !== null) return [];
  if (dashboardPort === null && publicUrl !== null) return [];
  const key = dashboardPort === null ? "publicUrl" : "dashboardUrl";
  return [`oidcIssuer needs ${key} (${envNameOf(key)}): the issuer sends browsers back to it.`];
}

/** 0 is any free port, so two of them never meet. */
function ownPorts(config: Config): string[] {
  const { port, metricsPort, dashboardPort } = config;
  const problems = (["metricsPort", "dashboardPort"] as const)
    .filter((key) => config[key] === port && port !== 0)
    .map((key) => `${key} is the main port ${port}: leave it out to use that one, or give another.`);
  if (dashboardPort === null || dashboardPort === 0 || dashboardPort !== metricsPort) return problems;
  return [...problems, `dashboardPort is the metricsPort ${metricsPort}: give another.`];
}
