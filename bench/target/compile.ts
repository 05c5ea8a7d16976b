/** Compiles the bench's C programs when they are first needed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const programs = new Map<string, string>();
let folder: string | null = null;

const hasCompiler = Bun.which("cc") !== null;

/** Answers the program's path; throws what the compiler says. `source` counts from the bench folder. */
export function compile(source: string): string {
  const known = programs.get(source);
  if (known !== undefined) return known;
  if (!hasCompiler) throw new Error(`bench/${source} needs a C compiler named cc, and this machine has none`);
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), "soketify-bench-c-"));
    folder = made;
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  const program = join(folder, basename(source, ".c"));
  const { success, stderr } = Bun.spawnSync([
    "cc",
    "-O2",
    "-o",
    program,
    join(import.meta.dir, "..", source),
  ]);
  if (!success) throw new Error(`bench/${source} does not compile:\n${stderr}`);
  programs.set(source, program);
  return program;
}
