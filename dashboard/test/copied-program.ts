/** Runs a program that was copied from a page. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { within } from "../../server/test/support/until.ts";

/** The folder in which the programs find the SDKs. */
const workspace = join(import.meta.dir, "..");

/** Presses the button, and reads the clipboard. */
export async function copiedFrom(button: Locator): Promise<string> {
  await button.click();
  await button.getByText("Copied").waitFor({ state: "attached" });
  return button.page().evaluate(() => navigator.clipboard.readText());
}

/** Ends with its scope. */
export class CopiedProgram {
  readonly #process: ChildProcessWithoutNullStreams;
  #output = "";

  private constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#process = spawn(program, [...args], { cwd: workspace, env: { ...process.env, ...env } });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
  }

  static javaScript(code: string, env: Readonly<Record<string, string>> = {}): CopiedProgram {
    return new CopiedProgram(process.execPath, ["-e", code], env);
  }

  static shell(command: string, env: Readonly<Record<string, string>> = {}): CopiedProgram {
    return new CopiedProgram("sh", ["-c", command], env);
  }

  /** Its standard output and standard error. */
  get output(): string {
    return this.#output;
  }

  /** The exit code. */
  async end(): Promise<number | null> {
    if (this.#process.exitCode === null)
      await within("the copied program to end", once(this.#process, "close"));
    return this.#process.exitCode;
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}
