/** Compiles the benchmark's C programs on first use. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { installPackages } from "./install.ts";

const opensslFlag = "-lssl";
const opensslHeader = "/usr/include/openssl/ssl.h";
/** Flags for a program that uses OpenSSL when `TLS` is defined. */
export const tlsFlags = ["-DTLS", opensslFlag, "-lcrypto"] as const;
const programs = new Map<string, string>();
let folder: string | null = null;

/** Returns the program's path. `source` is relative to the bench folder. @throws with the compiler's output */
export function compile(source: string, flags: readonly string[] = []): string {
  const name = [basename(source, ".c"), ...flags].join("");
  const known = programs.get(name);
  if (known !== undefined) return known;
  if (Bun.which("cc") === null) installPackages("gcc", "libc6-dev");
  if (flags.includes(opensslFlag) && !existsSync(opensslHeader)) installPackages("libssl-dev");
  if (Bun.which("cc") === null)
    throw new Error(`bench/${source} requires a C compiler named cc, such as gcc; install one`);
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), "soketify-bench-c-"));
    folder = made;
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  const program = join(folder, name);
  const { success, stderr } = Bun.spawnSync([
    "cc",
    "-O2",
    "-o",
    program,
    join(import.meta.dir, "..", source),
    ...flags,
  ]);
  if (!success) throw new Error(`bench/${source} does not compile:\n${stderr}`);
  programs.set(name, program);
  return program;
}
