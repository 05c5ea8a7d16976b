/** Finds and reads the config file: JSON, YAML or TOML, by the name's ending. */
import { existsSync, readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";

const defaultNames = ["json", "yaml", "yml", "toml"].map((ending) => `soketify.config.${ending}`);

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The file's text is never in it: it may hold secrets. */
export class ConfigFileError extends Error {}

/**
 * @param asked the path that was given, with where it came from; null: look in `folder`
 * @returns null where none was asked for and none is there
 * @throws ConfigFileError where it cannot be read or is not a table of keys
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
    throw new ConfigFileError(`The config file ${path} must hold keys and values, such as {"port": 6001}.`);
  }
  return { path, values: { ...values } };
}

function parse(path: string, content: string): unknown {
  const ending = extname(path).toLowerCase();
  try {
    switch (ending) {
      case ".json":
        return JSON.parse(content);
      case ".yaml":
      case ".yml":
        return parseYaml(content);
      case ".toml":
        return parseToml(content);
    }
  } catch (error) {
    throw new ConfigFileError(
      `The config file ${path} is not valid ${ending.slice(1).toUpperCase()}${placeOf(error)}.`,
    );
  }
  throw new ConfigFileError(`The config file ${path} must end in .json, .yaml, .yml or .toml.`);
}

/** Where the parser stopped, without the text around it. */
function placeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("line" in error && typeof error.line === "number") return ` (line ${error.line})`;
  if ("linePos" in error && Array.isArray(error.linePos)) return ` (line ${error.linePos[0]?.line})`;
  return "";
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  switch (code) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
      return "this user may not read it";
    case "EISDIR":
      return "it is a folder";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
