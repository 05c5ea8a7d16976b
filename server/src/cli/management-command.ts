/** Shared by the commands that manage a server: how they find it and print results. */
import { Command, Help } from "commander";
import { pino } from "pino";
import { AdminClient } from "./admin-client.ts";
import { addConfigFlags, configOf } from "./config-flags.ts";
import { refuseSecretFlag } from "./hidden-secret.ts";
import { fetchHere, findLocalServer } from "./local-server.ts";
import { requireDatabase } from "./open-store.ts";
import { printError } from "./print.ts";
import { readLine } from "./read-text.ts";
import { Refused } from "./refused.ts";
import type { CreateServer } from "./server-port.ts";
import { withExample } from "./with-example.ts";
import { WrongUse } from "./wrong-use.ts";

export interface Reach {
  readonly admin: AdminClient;
  readonly isJson: boolean;
}

/** @param example an example call, without `soketify` */
export function managementCommand(name: string, description: string, example: string): Command {
  const command = withExample(new Command(name), example)
    .description(description)
    .option(
      "--url <url>",
      "Server to manage, such as https://ws.example.com; default: the server on this machine (SOKETIFY_URL)",
    )
    .option(
      "--token-file <path>",
      "File with the API token, or - for standard input (SOKETIFY_TOKEN_FILE, SOKETIFY_TOKEN)",
    )
    .option("--json", "Print JSON");
  refuseSecretFlag(
    command,
    "--token",
    "as SOKETIFY_TOKEN, or in a file that --token-file names; - is standard input",
  );
  addConfigFlags(command, ["dataDir", "databaseUrl", "tablePrefix", "pathPrefix"]);
  return withOwnOptionsFirst(command);
}

interface ReachFlags {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

function tokenOf(fileFlag: string | undefined): string | null {
  if (fileFlag !== undefined) return readLine(fileFlag);
  const { SOKETIFY_TOKEN: token, SOKETIFY_TOKEN_FILE: file } = process.env;
  return token || (file ? readLine(file) : null);
}

/** A help heading for the options added later, which are specific to the command. */
function withOwnOptionsFirst(command: Command): Command {
  const common = new Set(command.options);
  return command.configureHelp({
    visibleOptions(shown) {
      const all = Help.prototype.visibleOptions.call(this, shown);
      return [...all.filter((one) => !common.has(one)), ...all.filter((one) => common.has(one))];
    },
  });
}

/** Commands that may run before the first start, and then create the database. */
const mayCreateDatabase: ReadonlySet<string> = new Set(["app create", "token create"]);

/** Commands about connected clients and nodes, which need a running server. */
const needServer: ReadonlySet<string> = new Set(["trigger", "listen", "nodes"]);

/** Commands about stored events, which are in Redis or in the memory of a running server. */
const needEngine: ReadonlySet<string> = new Set(["history"]);

/**
 * Runs `work` against the server that `--url` names, or the server that runs on this machine. If none runs, it uses the same API
 * in this process on the local database.
 */
export async function withAdmin(
  command: Command,
  createServer: CreateServer,
  work: (reach: Reach) => Promise<void>,
): Promise<void> {
  const { url: urlFlag, tokenFile, json } = command.opts<ReachFlags>();
  const isJson = json === true;
  const token = tokenOf(tokenFile);
  const url = urlFlag ?? process.env.SOKETIFY_URL;
  if (url) {
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol))
      throw new WrongUse(
        `--url (SOKETIFY_URL) must be a URL such as https://ws.example.com. "${url}" is not.`,
      );
    return work({ admin: new AdminClient(parsed.href, token), isJson });
  }

  const { config } = configOf(command);
  const local = findLocalServer(config);
  if (local !== null)
    return work({ admin: new AdminClient(local.url, token ?? local.token, fetchHere), isJson });

  if (!mayCreateDatabase.has(`${command.parent?.name()} ${command.name()}`)) requireDatabase(config);
  if (needServer.has(command.name()) || (needEngine.has(command.name()) && config.redisUrl === null))
    throw new Refused(
      `No server runs on the data folder ${config.dataDir}. Start it, or name a server with --url.`,
    );
  const server = await createServer(config, pino({ level: "silent" }));
  try {
    const problem = await server.reachNodes().catch((error: Error) => {
      throw new Refused(error.message, { cause: error });
    });
    if (problem !== null)
      printError(
        `${problem}. Running nodes use the changed database within seconds, but close no connections\n`,
      );
    const send = (request: Request) => server.adminRequest(request);
    await work({ admin: new AdminClient("http://localhost", token, send), isJson });
  } finally {
    await server.close();
  }
}
