/** `soketify app …` */

import type { Answer, App } from "@soketify/admin";
import { Command, InvalidArgumentError, Option } from "commander";
import { appIdRule, appKeyRule, appSecretRule } from "../../core/apps/credentials.ts";
import { allApps, withApp, withAppArgument } from "../find-app.ts";
import { refuseSecretFlag } from "../hidden-secret.ts";
import { managementCommand, withAdmin } from "../management-command.ts";
import { printError, printFacts, printJson, printTable } from "../print.ts";
import { readLine } from "../read-text.ts";
import type { CreateServer } from "../server-port.ts";

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
  const command = managementCommand("list", "List all apps", "app list --json");
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
  const command = withAppArgument(managementCommand("show", "Show one app", "app show Shop --secret")).option(
    "--secret",
    "Also show its active secret; recorded in the audit log",
  );
  return command.action((app: string, { secret: isSecretWanted }: { secret?: true }) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const { app: found } = await admin.call("GET /apps/{appId}", { path: { appId } });
      const secret = isSecretWanted
        ? (
            await admin.call("POST /apps/{appId}/secrets/{secretId}/reveal", {
              path: { appId, secretId: found.secret.id },
            })
          ).value
        : null;
      if (isJson) return printJson(secret === null ? found : { ...found, secretValue: secret });
      printFacts([...factsOf(found), ...(secret === null ? [] : [["secret", secret] as const])]);
    }),
  );
}

function create(createServer: CreateServer): Command {
  const command = managementCommand(
    "create",
    "Create an app; omitted credentials are generated",
    "app create --name Shop --set clientEventsEnabled=false",
  )
    .option("--name <name>", "The name shown to people")
    .option("--id <id>", appIdRule)
    .option("--key <key>", appKeyRule)
    .option("--secret-file <path>", `File that holds its secret, or - for standard input: ${appSecretRule}`)
    .option("--set <setting=value>", settingHelp, collectSetting);
  refuseSecretFlag(command, "--secret", "in a file that --secret-file names; - is standard input");
  return command.action(
    (given: { name?: string; id?: string; key?: string; secretFile?: string; set?: Settings }) =>
      withAdmin(command, createServer, async ({ admin, isJson }) => {
        const { name, id, key, secretFile, set: settings } = given;
        const secret = secretFile === undefined ? undefined : readLine(secretFile);
        printCreated(await admin.call("POST /apps", { body: { name, id, key, secret, settings } }), isJson);
      }),
  );
}

function update(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "update",
      "Change an app; takes effect immediately",
      "app update Shop --set allowedOrigins=https://shop.example.com",
    ),
  )
    .option("--name <name>", "The new name")
    .addOption(new Option("--enable", "Accept clients and backends again").conflicts("disable"))
    .option("--disable", "Close its connections and reject new ones")
    .option("--set <setting=value>", settingHelp, collectSetting);
  return command.action(
    (app: string, given: { name?: string; enable?: true; disable?: true; set?: Settings }) =>
      withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
        const { name, enable, disable, set: settings } = given;
        const isEnabled = disable === true ? false : enable;
        const { app: changed } = await admin.call("PATCH /apps/{appId}", {
          path: { appId },
          body: { name, isEnabled, settings },
        });
        if (isJson) printJson(changed);
        else printFacts(factsOf(changed));
      }),
  );
}

function remove(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand("delete", "Delete an app and close its connections", "app delete 123456"),
  );
  return command.action((app: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      await admin.call("DELETE /apps/{appId}", { path: { appId } });
      if (isJson) printJson({ deleted: appId });
      else printFacts([["deleted", appId]]);
    }),
  );
}

function printCreated(created: Answer<"POST /apps">, isJson: boolean): void {
  for (const warning of created.warnings) printError(`${warning}\n`);
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

const settingHelp = "A setting that `soketify app show` lists; repeatable";

/** Parses `name=value`. The value is JSON or a comma-separated list; the server validates it. */
function collectSetting(given: string, before: Settings = {}): Settings {
  const at = given.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be setting=value, such as clientEventsEnabled=false.");
  return { ...before, [given.slice(0, at)]: settingValue(given.slice(at + 1)) };
}

function settingValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^\d+$/.test(text)) return Number(text);
  if (/^\s*[[{]/.test(text)) return jsonValue(text);
  return text.split(",").filter((part) => part !== "");
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("A value that begins with [ or { must be JSON.");
  }
}
