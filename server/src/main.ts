/** The program: reads its arguments, runs the command that they name, and sets the exit code. */
import { runCommand } from "./cli/program.ts";
import type { CreateServer } from "./cli/server-port.ts";

/** Each check wakes the process, so more frequent ones would cost an idle server a good part of its processor time. */
const shellCheckedEveryMs = 1_000;

// Only its user may read the files that this process writes.
process.umask(0o077);

if (process.connected) {
  // The launcher was killed and could not forward the signal.
  process.on("disconnect", () => process.exit(1));
  process.channel?.unref();
} else if (process.env.npm_lifecycle_event !== undefined) stopWithShell();

/** npm sends a signal only to its shell, and the shell does not forward it. */
function stopWithShell(): void {
  const shell = process.ppid;
  const checking = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(checking);
    process.kill(process.pid, "SIGTERM");
  }, shellCheckedEveryMs);
  checking.unref();
}

// Loaded only by commands that need a server.
const createServer: CreateServer = async (...given) =>
  (await import("./composition/server.ts")).createServer(...given);

process.exitCode = await runCommand(process.argv.slice(2), createServer);
