/** The program: reads its arguments, runs the command they name, and answers with its exit code. */
import { runCommand } from "./cli/program.ts";
import type { CreateServer } from "./cli/server-port.ts";

// What this process writes is for its user alone.
process.umask(0o077);

if (process.connected) {
  // The launcher is gone, killed in a way that it could not pass on.
  process.on("disconnect", () => process.exit(1));
  process.channel?.unref();
} else if (process.env.npm_lifecycle_event !== undefined) stopWithShell();

/** npm sends a signal only to its shell, and the shell does not forward it. */
function stopWithShell(): void {
  const shell = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(looking);
    process.kill(process.pid, "SIGTERM");
  }, 250);
  looking.unref();
}

// Commands that need no server load none.
const createServer: CreateServer = async (...given) =>
  (await import("./composition/server.ts")).createServer(...given);

process.exitCode = await runCommand(process.argv.slice(2), createServer);
