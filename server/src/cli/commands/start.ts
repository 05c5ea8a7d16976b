/** `soketify start`: runs the server until a signal ends it. */
import { Command, Option } from "commander";
import type { Logger } from "pino";
import { type Config, envNameOf, flagOf, isAlone } from "../../config/config.ts";
import { ConfigError } from "../../config/load-config.ts";
import { nearestName } from "../../config/nearest-name.ts";
import { problemOfCeiling } from "../../core/apps/setting-ceilings.ts";
import { protectDataFolder } from "../../storage/database/data-folder.ts";
import { lockFolder } from "../../storage/database/folder-lock.ts";
import { certificateProblems } from "../certificate-problems.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { createLog, isForPeople } from "../create-log.ts";
import { onBrokenPipe, print, printError } from "../print.ts";
import { type CreateServer, type ListeningServer, noOwnerMessage } from "../server-port.ts";
import { welcome } from "../welcome.ts";
import { withExample } from "../with-example.ts";
import { type Listening, type WorkerTask, workerFlag } from "../workers/worker-process.ts";
import { Workers } from "../workers/workers.ts";
import { WrongUse } from "../wrong-use.ts";

export function startCommand(createServer: CreateServer): Command {
  const command = withExample(new Command("start"), "start --port 6001 --data-dir ./data")
    .description("Start the server (the default command)")
    // An unknown command arrives here as an argument.
    .allowExcessArguments();
  command.addOption(new Option(workerFlag, "For the processes that --workers starts").hideHelp());
  return addConfigFlags(command).action(async () => {
    requireNoArguments(command);
    // The server keeps running when the reader of its log is gone.
    onBrokenPipe(() => undefined);
    if (command.opts<{ worker?: true }>().worker) return serveAsWorker(createServer);
    const { config, notes } = configOf(command);
    const problems = [
      ...certificateProblems(config),
      ...config.settingCeilings.flatMap(ceilingProblems),
      ...platformProblems(config),
    ];
    if (problems.length > 0) throw new ConfigError(problems);
    const log = createLog(config);
    for (const note of notes) log.warn(note);
    await serve(
      config,
      log,
      async () => (config.workers === 1 ? createServer(config, log) : new Workers(config, log)),
      (server) => announce(server, config, log),
    );
  });
}

/** Runs a worker with the configuration that the supervisor sends. Reports to the supervisor when it listens. */
async function serveAsWorker(createServer: CreateServer): Promise<void> {
  if (!process.connected) throw new WrongUse(`${workerFlag} is for workers, which --workers N starts`);
  const { config, worker } = await new Promise<WorkerTask>((resolve) => process.once("message", resolve));
  const log = createLog(config);
  await serve(
    config,
    log,
    () => createServer(config, log, worker),
    async ({ url, dashboardUrl, setupUrl, firstApp }) => {
      const facts: Listening = { url, dashboardUrl, setupUrl, firstApp };
      process.send?.(facts);
    },
  );
}

/** Runs until a signal, and ends the process. */
async function serve(
  config: Config,
  log: Logger,
  create: () => Promise<ListeningServer>,
  onStarted: (server: ListeningServer) => Promise<void>,
): Promise<never> {
  logUnhandledErrors(log);
  const server = await orEnd(claimFolder(config, log).then(create), config);
  const stopped = stopOnSignals(server, log, config.tlsCertFile !== null);
  const started = orEnd(server.start(), config).then(() => onStarted(server));
  await Promise.race([started, stopped]);
  process.exit(await stopped);
}

async function announce(server: ListeningServer, config: Config, log: Logger): Promise<void> {
  if (isForPeople(config)) return print(welcome(server, config));
  const { url, dashboardUrl, setupUrl, firstApp } = server;
  const facts = { url, dashboardUrl, appId: firstApp?.id, appKey: firstApp?.key };
  log.info(facts, "Soketify is listening");
  if (setupUrl !== null) log.info(noOwnerMessage);
}

/** @throws FolderTaken if another server uses the embedded database */
async function claimFolder(config: Config, log: Logger): Promise<void> {
  for (const problem of protectDataFolder(config.dataDir)) log.warn(problem);
  // Servers with a shared database may also share a folder: during a replacement both run. With Redis they are
  // nodes of one cluster and also share the embedded database.
  if (!isAlone(config)) return;
  const lock = lockFolder(config.dataDir);
  process.on("exit", () => lock.release());
}

function ceilingProblems(ceiling: string): string[] {
  const problem = problemOfCeiling(ceiling);
  return problem === null ? [] : [problem];
}

function platformProblems({ workers }: Config): string[] {
  if (workers === 1 || process.platform === "linux") return [];
  return ["workers must be 1 here: only Linux spreads the connections of one port over several processes."];
}

function requireNoArguments(command: Command): void {
  const [given] = command.args;
  if (given === undefined) return;
  const names = command.parent?.commands.map((one) => one.name()) ?? [];
  const nearest = nearestName(given, names);
  const hint = nearest === null ? "`soketify help` lists them." : `Did you mean ${nearest}?`;
  command.error(`Unknown command ${given}. ${hint}`);
}

/** Explains why the start failed, such as an address in use or an unreachable database. */
async function orEnd<Result>(beginning: Promise<Result>, config: Config): Promise<Result> {
  try {
    return await beginning;
  } catch (error) {
    printError(`Soketify could not start: ${reasonOf(error, config)}\n`);
    // Parts that already started, such as webhooks, would keep the process alive although it does not listen.
    process.exit(1);
  }
}

function reasonOf(error: unknown, config: Config): string {
  if (!(error instanceof Error)) return String(error);
  if (!("syscall" in error && error.syscall === "listen" && "code" in error)) return error.message;
  switch (error.code) {
    case "EACCES":
      return `${error.message}. A port below 1024 needs permission, such as AmbientCapabilities=CAP_NET_BIND_SERVICE in systemd`;
    case "EADDRINUSE":
      return portInUse(error.message, config);
    default:
      // The runtime's message contains neither the host nor the reason.
      return `${config.host} is not an address of this machine. Set --host (SOKETIFY_HOST) to one, or to 0.0.0.0 or :: for all addresses (${error.message})`;
  }
}

/** @param message of the runtime, which names the port */
function portInUse(message: string, config: Config): string {
  const port = Number(/\d+/.exec(message)?.[0] ?? config.port);
  const option = (["dashboardPort", "metricsPort"] as const).find((key) => config[key] === port) ?? "port";
  return `port ${port} is in use. Stop the program that uses it, or set ${flagOf(option)} (${envNameOf(option)}) to a free port`;
}

/** A bug in one place must not end every connection. */
function logUnhandledErrors(log: Logger): void {
  process.on("uncaughtException", (error) => log.error({ err: error }, "Uncaught exception"));
  process.on("unhandledRejection", (reason) => {
    log.error({ err: reason }, "Unhandled promise rejection");
  });
}

/** npm, a launcher and a terminal may each forward the same signal. */
const oneSignalMs = 1_000;

/** Resolves with the exit code once a signal or `unfit` has stopped the server. */
function stopOnSignals(server: ListeningServer, log: Logger, hasTls: boolean): Promise<number> {
  return new Promise((resolve) => {
    let stoppingSinceMs: number | null = null;
    const stopNow = () => {
      server.stopNow();
      resolve(0);
    };
    const drain = (exitCode: number) => {
      stoppingSinceMs = performance.now();
      server.stop().then(
        () => resolve(exitCode),
        (error: unknown) => {
          log.error({ err: error }, "Soketify could not stop gracefully");
          resolve(1);
        },
      );
    };
    const stop = (signal: string) => {
      if (stoppingSinceMs === null) {
        log.info({ signal }, "Soketify is stopping. A second signal stops it immediately");
        drain(0);
      } else if (performance.now() - stoppingSinceMs >= oneSignalMs) stopNow();
    };
    void server.unfit.then(({ message }) => {
      log.fatal(`Soketify must not run here and stops: ${message}`);
      if (stoppingSinceMs === null) drain(1);
    });
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    process.on("SIGQUIT", stopNow);
    process.on("SIGHUP", () => {
      // Without a certificate SIGHUP has its usual meaning: the terminal was closed.
      if (!hasTls) return stop("SIGHUP");
      server.reloadTls().then(
        () => log.info("Certificate reloaded"),
        (error: unknown) =>
          log.error({ err: error }, "Certificate could not be reloaded; the old one stays in use"),
      );
    });
  });
}
