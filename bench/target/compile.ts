/** Compiles the benchmark's C programs on first use. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const programs = new Map<string, string>();
let folder: string | null = null;

/** Returns the program's path. `source` is relative to the bench folder. @throws with the compiler's output */
export function compile(source: string, flags: readonly string[] = []): string {
  const name = [basename(source, ".c"), ...flags].join("");
  const known = programs.get(name);
  if (known !== undefined) return known;
  if (Bun.which("cc") === null) installCompiler();
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

/** Installs a compiler if run as root on Debian; on other systems the user must install one. */
function installCompiler(): void {
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const words of [
    ["update", "-q"],
    ["install", "-q", "-y", "--no-install-recommends", "gcc", "libc6-dev"],
  ])
    Bun.spawnSync(["apt-get", ...words], { env, stdout: "ignore", stderr: "inherit" });
}
