/** The program: reads its arguments, runs the command they name, and answers with its exit code. */
import { runCommand } from "./cli/program.ts";
import type { CreateServer } from "./cli/server-port.ts";

// The launcher is gone, killed in a way that it could not pass on.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();

// Commands that need no server load none.
const createServer: CreateServer = async (config, log) =>
  (await import("./composition/server.ts")).createServer(config, log);

process.exitCode = await runCommand(process.argv.slice(2), createServer);
