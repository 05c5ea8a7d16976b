/** `soketify secret …`: rotates an app's secret step by step. */

import type { Secret } from "@soketify/admin";
import { Command } from "commander";
import { withApp, withAppArgument } from "../find-app.ts";
import { managementCommand } from "../management-command.ts";
import { printError, printFacts, printJson, printTable } from "../print.ts";
import type { CreateServer } from "../server-port.ts";

export function secretCommand(createServer: CreateServer): Command {
  return new Command("secret")
    .description("List, rotate, activate, cancel and reveal the secrets of an app")
    .addCommand(list(createServer))
    .addCommand(rotate(createServer))
    .addCommand(activate(createServer))
    .addCommand(cancel(createServer))
    .addCommand(reveal(createServer));
}

function list(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "list",
      "List the secrets without their values, and when each was last used",
      "secret list Shop",
    ),
  );
  return command.action((app: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const { secrets, unanswered } = await admin.call("GET /apps/{appId}/secrets", { path: { appId } });
      for (const { name } of unanswered)
        printError(`${name} did not answer in time: uses of secrets there in the last seconds are missing\n`);
      if (isJson) return printJson(secrets);
      const rows = secrets.map((secret) => [
        secret.id,
        secret.state,
        secret.createdAt,
        secret.createdBy,
        secret.lastUsedAt ?? "never",
      ]);
      printTable(["id", "state", "created", "by", "last used"], rows);
    }),
  );
}

function rotate(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "rotate",
      "Create a new secret that is accepted in addition to the active one",
      "secret rotate Shop",
    ),
  )
    .option("--force", "Replace an existing pending secret")
    .option("--activate", "Emergency: revoke the old secret immediately")
    .option("--close-connections", "With --activate: close the connections that the old secret authorized");
  return command.action((app: string, given: { force?: true; activate?: true; closeConnections?: true }) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const { force, activate, closeConnections } = given;
      const body = { force, activate, closeConnections };
      const { secret } = await admin.call("POST /apps/{appId}/secrets/rotate", { path: { appId }, body });
      if (isJson) return printJson(secret);
      const next: [string, string][] = activate
        ? []
        : [["next", `deploy it, then: soketify secret activate ${appId}`]];
      printFacts([...factsOf(secret), ["value", secret.value], ...next]);
    }),
  );
}

function activate(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "activate",
      "Activate the pending secret and revoke the old one",
      "secret activate Shop",
    ),
  ).option("--force", "Activate even if the old secret was used recently");
  return command.action((app: string, { force }: { force?: true }) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const { secret } = await admin.call("POST /apps/{appId}/secrets/activate", {
        path: { appId },
        body: { force },
      });
      if (isJson) printJson(secret);
      else printFacts(factsOf(secret));
    }),
  );
}

function cancel(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand("cancel", "Delete the pending secret", "secret cancel Shop"),
  );
  return command.action((app: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const { secret } = await admin.call("POST /apps/{appId}/secrets/cancel", { path: { appId } });
      if (isJson) printJson(secret);
      else printFacts(factsOf(secret));
    }),
  );
}

function reveal(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "reveal",
      "Show the value of a secret; recorded in the audit log",
      "secret reveal Shop",
    ),
  ).argument("[secret]", "The secret's id from `soketify secret list`; default: the active secret");
  return command.action((app: string, asked: string | undefined) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const secretId = asked ?? (await admin.call("GET /apps/{appId}", { path: { appId } })).app.secret.id;
      const { value } = await admin.call("POST /apps/{appId}/secrets/{secretId}/reveal", {
        path: { appId, secretId },
      });
      if (isJson) printJson({ id: secretId, value });
      else printFacts([["value", value]]);
    }),
  );
}

function factsOf(secret: Secret): [string, string][] {
  return [
    ["id", secret.id],
    ["state", secret.state],
    ["created", secret.createdAt],
  ];
}
