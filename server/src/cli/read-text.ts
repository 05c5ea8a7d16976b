/** Reads a value, such as a passphrase, from a file or from standard input. */
import { readFileSync } from "node:fs";
import { errorCode } from "../core/error-code.ts";
import { Refused } from "./refused.ts";

/** @param path `-` is standard input @throws Refused if the file cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const isMissing = errorCode(error) === "ENOENT";
    const why = isMissing ? "it does not exist" : error instanceof Error ? error.message : String(error);
    throw new Refused(`${path} cannot be read: ${why}`);
  }
}

/** Removes the trailing line break that editors add. */
export function readLine(path: string): string {
  return readText(path).replace(/\r?\n$/, "");
}
