/** Changes the wall clock of one target, and makes its disk read-only, while it runs: see `faults/shim.c`. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "./compile.ts";

export class Shim {
  /** If false, faults that need the shim are skipped. */
  static readonly isPossible = process.platform === "linux" && Bun.which("cc") !== null;
  readonly #folder = mkdtempSync(join(tmpdir(), "soketify-bench-shim-"));
  readonly #file = join(this.#folder, "orders");

  constructor() {
    this.order({});
  }

  /** Environment variables for the target. */
  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: compile("faults/shim.c", ["-shared", "-fPIC", "-ldl"]),
      SHIM_FILE: this.#file,
    };
  }

  /** Takes effect immediately, and stays until the next call. */
  order({
    clockS = 0,
    isReadOnly = false,
  }: {
    readonly clockS?: number;
    readonly isReadOnly?: boolean;
  }): void {
    const orders = new Uint8Array(BigInt64Array.of(BigInt(clockS), isReadOnly ? 1n : 0n).buffer);
    // Written in place and never shorter, because the target has the file mapped in its memory.
    writeFileSync(this.#file, orders, { flag: existsSync(this.#file) ? "r+" : "w" });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
