/** `soketify token …`: manages tokens of the admin API. */

import type { Token } from "@soketify/admin";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { appIdPattern } from "../../core/apps/credentials.ts";
import { managementCommand, withAdmin } from "../management-command.ts";
import { limitOf, readPages } from "../pages.ts";
import { printFacts, printJson, printTable } from "../print.ts";
import type { CreateServer } from "../server-port.ts";

const readOnly = ["read"];

export function tokenCommand(createServer: CreateServer): Command {
  return new Command("token")
    .description("List, create and revoke API tokens")
    .addCommand(list(createServer))
    .addCommand(create(createServer))
    .addCommand(revoke(createServer));
}

function list(createServer: CreateServer): Command {
  const command = managementCommand("list", "List the tokens without their values", "token list").option(
    "--limit <number>",
    "Maximum number of tokens",
    limitOf,
    1_000,
  );
  return command.action(({ limit }: { limit: number }) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const tokens = await readPages(limit, async (page) => {
        const { tokens: rows, nextCursor } = await admin.call("GET /tokens", { query: page });
        return { rows, nextCursor };
      });
      if (isJson) return printJson(tokens);
      const rows = tokens.map((token: Token) => [
        token.id,
        token.scopes.join(","),
        token.expiresAt ?? "never",
        token.lastUsedAt ?? "never",
        token.name,
      ]);
      printTable(["id", "scopes", "expires", "last used", "name"], rows);
    }),
  );
}

function create(createServer: CreateServer): Command {
  const command = managementCommand(
    "create",
    "Create a token; its value is shown only once",
    "token create deploys --scope app:123456 --expires 2030-01-31T00:00:00Z",
  )
    .argument("<name>", "The token's name, which the audit log shows as the actor")
    .option(
      "--scope <scope...>",
      "Permissions: everything (admin), read only (read), or everything in one app (app:<id>)",
      collectScope,
      readOnly,
    )
    .option("--expires <time>", "Expiry time, such as 2030-01-31T00:00:00Z; default: never", timeOf);
  return command.action((name: string, { scope, expires }: { scope: string[]; expires?: string }) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const body = { name, scopes: scope, expiresAt: expires ?? null };
      const { token } = await admin.call("POST /tokens", { body });
      if (isJson) return printJson(token);
      printFacts([
        ["id", token.id],
        ["scopes", token.scopes.join(", ")],
        ["token", token.value],
      ]);
    }),
  );
}

function revoke(createServer: CreateServer): Command {
  const command = managementCommand(
    "revoke",
    "Revoke a token immediately",
    "token revoke 3f9c2a7b51d0e864",
  ).argument("<token>", "The token's id from `soketify token list`");
  return command.action((tokenId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      await admin.call("DELETE /tokens/{tokenId}", { path: { tokenId } });
      if (isJson) printJson({ revoked: tokenId });
      else printFacts([["revoked", tokenId]]);
    }),
  );
}

/** The first given scope replaces the default. */
function collectScope(given: string, before: readonly string[]): string[] {
  const isScope = given === "admin" || given === "read";
  if (!isScope && !(given.startsWith("app:") && appIdPattern.test(given.slice("app:".length))))
    throw new InvalidArgumentError("It must be admin, read or app:<id>, such as app:123456.");
  return [...(before === readOnly ? [] : before), given];
}

function timeOf(given: string): string {
  if (z.iso.datetime().safeParse(given).success) return given;
  throw new InvalidArgumentError("It must be a time such as 2030-01-31T00:00:00Z.");
}
