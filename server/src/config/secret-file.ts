/** Reads secrets from files, as containers provide them: a flag would show a secret to all users of the machine. */
import { readFileSync } from "node:fs";
import { envNameOf, flagOf, type OptionKey } from "./config.ts";

const urlKeys: ReadonlySet<OptionKey> = new Set(["databaseUrl", "redisUrl"]);

/** Whether the option is a URL, which is secret only if it contains a password. */
export function isUrl(key: OptionKey): boolean {
  return urlKeys.has(key);
}

/** `appSecret` → `--app-secret-file` */
export function fileFlagOf(key: OptionKey): string {
  return `${flagOf(key)}-file`;
}

/** `appSecret` → `SOKETIFY_APP_SECRET_FILE` */
export function fileEnvNameOf(key: OptionKey): string {
  return `${envNameOf(key)}_FILE`;
}

/**
 * Reads a secret, without the line end that editors add.
 * @param path `-` is standard input
 * @param from the flag or variable that gave the path, for the problem
 * @returns null if it cannot be read; then a sentence is added to `problems`
 */
export function readSecretFile(path: string, from: string, problems: string[]): string | null {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? error.code : error;
    problems.push(`The file ${path}, given by ${from}, cannot be read: ${why}.`);
    return null;
  }
}
