/** Moves the wall clock, and makes the disk read-only, of one target while it runs: see `faults/shim.c`. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "./compile.ts";

export class Shim {
  /** Where not, faults that need it are left out. */
  static readonly isPossible = process.platform === "linux" && Bun.which("cc") !== null;
  readonly #folder = mkdtempSync(join(tmpdir(), "soketify-bench-shim-"));
  readonly #file = join(this.#folder, "orders");

  constructor() {
    this.order({});
  }

  /** For the environment of the target. */
  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: compile("faults/shim.c", ["-shared", "-fPIC", "-ldl"]),
      SHIM_FILE: this.#file,
    };
  }

  /** Holds at once, until the next order. */
  order({
    clockS = 0,
    isReadOnly = false,
  }: {
    readonly clockS?: number;
    readonly isReadOnly?: boolean;
  }): void {
    const orders = new Uint8Array(BigInt64Array.of(BigInt(clockS), isReadOnly ? 1n : 0n).buffer);
    // In place, and never shorter: the target has the file in its memory.
    writeFileSync(this.#file, orders, { flag: existsSync(this.#file) ? "r+" : "w" });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
