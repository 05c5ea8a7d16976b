/** `soketify token …`: the tokens of the admin API. */
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { Token } from "../admin-api/contracts/server.ts";
import { appIdPattern } from "../core/credentials.ts";
import { managementCommand, withAdmin } from "./management-command.ts";
import { limitOf, readPages } from "./pages.ts";
import { printFacts, printJson, printTable } from "./print.ts";
import type { CreateServer } from "./server-port.ts";

const readOnly = ["read"];

export function tokenCommand(createServer: CreateServer): Command {
  return new Command("token")
    .description("List, create and revoke API tokens")
    .addCommand(list(createServer))
    .addCommand(create(createServer))
    .addCommand(revoke(createServer));
}

function list(createServer: CreateServer): Command {
  const command = managementCommand("list", "The tokens, without their values", "token list").option(
    "--limit <number>",
    "At most so many",
    limitOf,
    1_000,
  );
  return command.action(({ limit }: { limit: number }) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const tokens = await readPages(limit, async (page) => {
        const { tokens: rows, nextCursor } = await admin.call("listTokens", { query: page });
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
    "Make a token; its value is shown this once",
    "token create deploys --scope app:123456 --expires 2030-01-31T00:00:00Z",
  )
    .argument("<name>", "What it is for, which the audit log shows for who did something")
    .option(
      "--scope <scope...>",
      "What it may do: all (admin), read all (read), or all within one app (app:<id>)",
      collectScope,
      readOnly,
    )
    .option("--expires <time>", "When it ends, such as 2030-01-31T00:00:00Z; otherwise never", timeOf);
  return command.action((name: string, { scope, expires }: { scope: string[]; expires?: string }) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const body = { name, scopes: scope, expiresAt: expires ?? null };
      const { token } = await admin.call("createToken", { body });
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
    "Revoke a token at once",
    "token revoke 3f9c2a7b51d0e864",
  ).argument("<token>", "The token's id, as `soketify token list` shows it");
  return command.action((tokenId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      await admin.call("deleteToken", { params: { tokenId } });
      if (isJson) printJson({ revoked: tokenId });
      else printFacts([["revoked", tokenId]]);
    }),
  );
}

/** The first one that is given takes the place of the default. */
function collectScope(given: string, before: readonly string[]): string[] {
  const isScope = given === "admin" || given === "read";
  if (!isScope && !(given.startsWith("app:") && appIdPattern.test(given.slice("app:".length))))
    throw new InvalidArgumentError("It must be admin, read, or app: and an app's id, such as app:123456.");
  return [...(before === readOnly ? [] : before), given];
}

function timeOf(given: string): string {
  if (z.iso.datetime().safeParse(given).success) return given;
  throw new InvalidArgumentError("It must be a time such as 2030-01-31T00:00:00Z.");
}
