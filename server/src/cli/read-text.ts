/** Reads what a person keeps in a file, such as a passphrase. */
import { readFileSync } from "node:fs";
import { Refused } from "./refused.ts";

/** @throws Refused where the file cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Refused(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Without the line end that editors add. */
export function readLine(path: string): string {
  return readText(path).replace(/\r?\n$/, "");
}
