/** Reads what a person keeps in a file, such as a passphrase, or writes to standard input. */
import { readFileSync } from "node:fs";
import { Refused } from "./refused.ts";

/** @param path `-` is standard input; @throws Refused where the file cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = isMissing ? "it does not exist" : String(error);
    throw new Refused(`${path} cannot be read: ${why}`);
  }
}

/** Without the line end that editors add. */
export function readLine(path: string): string {
  return readText(path).replace(/\r?\n$/, "");
}
