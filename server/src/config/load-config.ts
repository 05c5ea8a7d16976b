/** Merges flags, environment, config file and defaults: flag > environment > file > default. */
import { type Config, envNameOf, type OptionKey, optionKeys, options } from "./config.ts";
import { ConfigFileError, readConfigFile } from "./config-file.ts";
import { fromEnvironment } from "./from-environment.ts";
import { fromFlags } from "./from-flags.ts";
import { type Given, type Layer, type Origin, unknownName } from "./layer.ts";
import type { Machine, Option } from "./option.ts";

export interface LoadedConfig {
  readonly config: Config;
  readonly origins: { readonly [Key in OptionKey]: Origin };
  /** Notes about the configuration, which the start logs. */
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

/** All problems of the configuration, each as a sentence. The message never contains a secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** @throws ConfigError with every problem found, not only the first */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const problems: string[] = [];
  const notes: string[] = [];
  const layers = [
    fromFlags(sources.flags, problems),
    fromEnvironment(sources.machine.env, problems, notes),
    fromFile(sources, problems),
  ];

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

function fromFile(sources: ConfigSources, problems: string[]): Layer {
  const layer: Layer = new Map();
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

function wrongValue(key: OptionKey, { value, origin }: Given): string {
  const { expected, isSecret, isText } = options[key];
  const where = origin.kind === "file" ? `${key} in ${origin.name}` : origin.name;
  const shown = isSecret ? "The given value" : shorten(value);
  if (isText && losesDigits(value))
    return `${where} must be ${expected}. Put it in quotes: without them, it is read as ${isSecret ? "another value" : shown}.`;
  return `${where} must be ${expected}. ${shown} is not.`;
}

/** Whether the value, read as a number, differs from the text in the file. */
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

/** Problems of options that depend on each other. */
function togetherProblems(config: Config): string[] {
  return [
    ...allOrNone(config, ["appId", "appKey", "appSecret"]),
    ...allOrNone(config, ["tlsCertFile", "tlsKeyFile"]),
    ...allOrNone(config, ["adminEmail", "adminPassword"]),
    ...allOrNone(config, ["oidcIssuer", "oidcClientId", "oidcClientSecret"]),
    ...oidcAddressProblems(config),
    ...ownPorts(config),
    ...metricsAddress(config),
    ...workersNeed(config),
  ];
}

function allOrNone(config: Config, keys: readonly OptionKey[]): string[] {
  const missing = keys.filter((key) => config[key] === null);
  if (missing.length === 0 || missing.length === keys.length) return [];
  const names = (some: readonly OptionKey[]) => some.map((key) => `${key} (${envNameOf(key)})`).join(", ");
  const given = keys.filter((key) => config[key] !== null);
  return [`${names(given)} given without ${names(missing)}: give all of them or none.`];
}

function oidcAddressProblems({ oidcIssuer, publicUrl, dashboardUrl, dashboardPort }: Config): string[] {
  if (oidcIssuer === null || dashboardUrl !== null) return [];
  if (dashboardPort === null && publicUrl !== null) return [];
  const key = dashboardPort === null ? "publicUrl" : "dashboardUrl";
  return [`oidcIssuer needs ${key} (${envNameOf(key)}): the issuer sends browsers back to it.`];
}

/** Ports of 0 never conflict: each is any free port. */
function ownPorts(config: Config): string[] {
  const { port, metricsPort, dashboardPort } = config;
  const problems = (["metricsPort", "dashboardPort"] as const)
    .filter((key) => config[key] === port && port !== 0)
    .map(
      (key) => `${key} equals the main port ${port}: leave it out to use the main port, or use another port.`,
    );
  if (dashboardPort === null || dashboardPort === 0 || dashboardPort !== metricsPort) return problems;
  return [...problems, `dashboardPort equals metricsPort ${metricsPort}: use another port.`];
}

function metricsAddress({ metricsHost, metricsPort }: Config): string[] {
  if (metricsHost === null || metricsPort !== null) return [];
  return [`metricsHost needs metricsPort (${envNameOf("metricsPort")}): the main port listens on host.`];
}

function workersNeed({ workers, redisUrl, port, dashboardPort, metricsPort }: Config): string[] {
  if (workers === 1) return [];
  const problems: string[] = [];
  if (redisUrl === null)
    problems.push(
      `workers needs redisUrl (${envNameOf("redisUrl")}): the workers are nodes of one cluster. Give it, or start one worker.`,
    );
  for (const [key, one] of Object.entries({ port, dashboardPort }))
    if (one === 0) problems.push(`workers needs a ${key} that is not 0: the workers share it.`);
  if (metricsPort === null || metricsPort === 0) return problems;
  const last = metricsPort + workers - 1;
  const isMetrics = (one: number | null) => one !== null && one >= metricsPort && one <= last;
  if (last > 65_535 || isMetrics(port) || isMetrics(dashboardPort))
    problems.push(
      `metricsPort ${metricsPort} with ${workers} workers takes the ports ${metricsPort} to ${last}: each must exist and have no other use.`,
    );
  return problems;
}
