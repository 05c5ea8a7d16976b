/** `soketify app …` */
import { Command, InvalidArgumentError } from "commander";
import type { App, SecretWithValue } from "../admin-api/contract.ts";
import type { AdminClient } from "./admin-client.ts";
import { managementCommand, withAdmin } from "./management-command.ts";
import { printFacts, printJson, printTable } from "./print.ts";
import type { CreateServer } from "./server-port.ts";

export function appCommand(createServer: CreateServer): Command {
  return new Command("app")
    .description("List, show, create, update and delete apps")
    .addCommand(list(createServer))
    .addCommand(show(createServer))
    .addCommand(create(createServer))
    .addCommand(update(createServer))
    .addCommand(remove(createServer));
}

function list(createServer: CreateServer): Command {
  const command = managementCommand("list", "List all apps");
  return command.action(() =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const apps = await allApps(admin);
      if (isJson) return printJson(apps);
      const rows = apps.map((app) => [app.id, app.key, state(app), String(app.connectionCount), app.name]);
      printTable(["id", "key", "state", "connections", "name"], rows);
    }),
  );
}

function show(createServer: CreateServer): Command {
  const command = managementCommand("show", "Show one app")
    .argument("<id>")
    .option("--secret", "Show its active secret too; noted in the audit log");
  return command.action((appId: string, { secret: isSecretWanted }: { secret?: true }) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const { app } = await admin.call("getApp", { params: { appId } });
      const secret = isSecretWanted
        ? (await admin.call("revealSecret", { params: { appId, secretId: app.secret.id } })).value
        : null;
      if (isJson) return printJson(secret === null ? app : { ...app, secretValue: secret });
      printFacts([...factsOf(app), ...(secret === null ? [] : [["secret", secret] as const])]);
    }),
  );
}

function create(createServer: CreateServer): Command {
  const command = managementCommand("create", "Create an app; what is left out is generated")
    .option("--name <name>")
    .option("--id <id>")
    .option("--key <key>")
    .option("--secret <secret>")
    .option("--set <setting=value>", "A setting; may be given several times", collectSetting);
  return command.action(
    (given: { name?: string; id?: string; key?: string; secret?: string; set?: Settings }) =>
      withAdmin(command, createServer, async ({ admin, isJson }) => {
        const { name, id, key, secret, set: settings } = given;
        printCreated(await admin.call("createApp", { body: { name, id, key, secret, settings } }), isJson);
      }),
  );
}

function update(createServer: CreateServer): Command {
  const command = managementCommand("update", "Change an app; takes effect at once")
    .argument("<id>")
    .option("--name <name>")
    .option("--enable", "Let clients and backends in again")
    .option("--disable", "Close its connections and refuse new ones")
    .option("--set <setting=value>", "A setting; may be given several times", collectSetting);
  return command.action(
    (appId: string, given: { name?: string; enable?: true; disable?: true; set?: Settings }) =>
      withAdmin(command, createServer, async ({ admin, isJson }) => {
        const { name, enable, disable, set: settings } = given;
        const isEnabled = disable === true ? false : enable;
        const { app } = await admin.call("changeApp", {
          params: { appId },
          body: { name, isEnabled, settings },
        });
        if (isJson) printJson(app);
        else printFacts(factsOf(app));
      }),
  );
}

function remove(createServer: CreateServer): Command {
  const command = managementCommand("delete", "Delete an app and close its connections").argument("<id>");
  return command.action((appId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      await admin.call("deleteApp", { params: { appId } });
      if (isJson) printJson({ deleted: appId });
      else printFacts([["deleted", appId]]);
    }),
  );
}

async function allApps(admin: AdminClient): Promise<App[]> {
  const apps: App[] = [];
  let cursor: string | null = null;
  do {
    const page: { apps: App[]; nextCursor: string | null } = await admin.call("listApps", {
      query: cursor === null ? {} : { cursor },
    });
    apps.push(...page.apps);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return apps;
}

function printCreated(created: { app: App; secret: SecretWithValue }, isJson: boolean): void {
  if (isJson) printJson({ ...created.app, secretValue: created.secret.value });
  else printFacts([...factsOf(created.app), ["secret", created.secret.value]]);
}

function factsOf(app: App): (readonly [string, string])[] {
  return [
    ["id", app.id],
    ["key", app.key],
    ["name", app.name],
    ["state", state(app)],
    ["connections", String(app.connectionCount)],
    ["created", app.createdAt],
    ...Object.entries(app.settings).map(([name, value]) => [name, JSON.stringify(value)] as const),
  ];
}

function state({ isEnabled }: App): string {
  return isEnabled ? "enabled" : "disabled";
}

type Settings = Readonly<Record<string, unknown>>;

/** `name=value`, the value as JSON or else as a list with commas; the server says what is right for each. */
function collectSetting(given: string, before: Settings = {}): Settings {
  const at = given.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be setting=value, such as clientEventsEnabled=false.");
  return { ...before, [given.slice(0, at)]: settingValue(given.slice(at + 1)) };
}

function settingValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^\d+$/.test(text)) return Number(text);
  return text.split(",").filter((part) => part !== "");
}
