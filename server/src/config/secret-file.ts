/** A secret in a file of its own, as containers hand it over: a flag would show it to everybody on the machine. */
import { readFileSync } from "node:fs";
import { envNameOf, flagOf, type OptionKey } from "./config.ts";

const urlKeys: ReadonlySet<OptionKey> = new Set(["databaseUrl", "redisUrl"]);

/** It is a secret only where a password is in it. */
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
 * Without the end of line that editors add.
 * @param path `-` is standard input
 * @param from names who asked, in the problem
 * @returns null where it cannot be read, which `problems` then says
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
