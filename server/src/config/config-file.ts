/** Finds and reads the config file: JSON, YAML or TOML, by the name's ending. */
import { existsSync, readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { BrokenText, type ConfigFormat, parseConfig } from "./parse-config.ts";

const defaultNames = ["json", "yaml", "yml", "toml"].map((ending) => `soketify.config.${ending}`);

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The message never contains the file's text, which may contain secrets. */
export class ConfigFileError extends Error {}

/**
 * @param asked the given path and its source; null: look in `folder`
 * @returns null if no path was given and `folder` has no config file
 * @throws ConfigFileError if it cannot be read or is not a table of keys
 */
export function readConfigFile(
  folder: string,
  asked: { readonly path: string; readonly from: string } | null,
): ConfigFile | null {
  if (asked !== null) return readAt(resolve(folder, asked.path), `, given by ${asked.from},`);
  const found = defaultNames.map((name) => resolve(folder, name)).filter((path) => existsSync(path));
  if (found.length > 1) {
    throw new ConfigFileError(
      `There is more than one config file: ${found.join(" and ")}. Keep one of them.`,
    );
  }
  return found[0] === undefined ? null : readAt(found[0], "");
}

function readAt(path: string, given: string): ConfigFile {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigFileError(`The config file ${path}${given} cannot be read: ${codeOf(error)}.`);
  }
  const values = parse(path, content);
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new ConfigFileError(
      `The config file ${path} must contain keys and values, such as {"port": 6001}.`,
    );
  }
  return { path, values: { ...values } };
}

const formats: { readonly [Ending: string]: ConfigFormat } = {
  ".json": "JSON",
  ".yaml": "YAML",
  ".yml": "YAML",
  ".toml": "TOML",
};

function parse(path: string, content: string): unknown {
  const format = formats[extname(path).toLowerCase()];
  if (format === undefined)
    throw new ConfigFileError(`The config file ${path} must end in .json, .yaml, .yml or .toml.`);
  try {
    return parseConfig(format, content);
  } catch (error) {
    if (!(error instanceof BrokenText)) throw error;
    const lineText = error.line === null ? "" : ` (line ${error.line})`;
    throw new ConfigFileError(`The config file ${path} is not valid ${format}${lineText}.`);
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  switch (code) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
      return "this user has no permission to read it";
    case "EISDIR":
      return "it is a folder";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
