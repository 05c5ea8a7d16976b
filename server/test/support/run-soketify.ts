/**
 * Runs one command to its end, with the binary or with the Bun that runs the tests. The launcher has separate tests.
 */
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { binary, runtimeEnv } from "./program.ts";

const source = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** The program and its first arguments. */
export const command: readonly [string, ...string[]] =
  binary === null ? [process.execPath, source] : [binary];

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export function runSoketify(dataDir: string, ...args: readonly string[]): Run {
  return runSoketifyWith("", dataDir, ...args);
}

/** Runs a command with this standard input. */
export function runSoketifyWith(input: string, dataDir: string, ...args: readonly string[]): Run {
  const [file, ...first] = command;
  const { status, stdout, stderr } = spawnSync(file, [...first, ...args, "--data-dir", dataDir], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...runtimeEnv },
    input,
    encoding: "utf8",
    // A command that does not end must fail its test instead of blocking it.
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  return { code: status, output: stdout, errors: stderr };
}

/** Runs a command without blocking this process, for a test that runs a server for the command, such as a TCP proxy. */
export async function runSoketifyBeside(input: string, ...args: readonly string[]): Promise<Run> {
  const child = Bun.spawn([...command, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...runtimeEnv },
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, output, errors };
}
