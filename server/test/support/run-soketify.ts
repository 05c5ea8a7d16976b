/** Runs one command of the program to its end, as a shell would. */
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { launcher } from "./start-server.ts";

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export function runSoketify(dataDir: string, ...args: readonly string[]): Run {
  return runSoketifyWith("", dataDir, ...args);
}

/** With this on its standard input. */
export function runSoketifyWith(input: string, dataDir: string, ...args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync("node", [launcher, ...args, "--data-dir", dataDir], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    input,
    encoding: "utf8",
    // One that stays is a failed test, not one that hangs.
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  return { code: status, output: stdout, errors: stderr };
}
