/** `soketify audit …`: reads the audit log. */
import { Command } from "commander";
import { findAppId } from "../find-app.ts";
import { managementCommand, withAdmin } from "../management-command.ts";
import { limitOf, readPages } from "../pages.ts";
import { print, printFacts, printJson, printTable } from "../print.ts";
import { Refused } from "../refused.ts";
import type { CreateServer } from "../server-port.ts";

export function auditCommand(createServer: CreateServer): Command {
  return new Command("audit")
    .description("List, verify and export the audit log")
    .addCommand(list(createServer))
    .addCommand(verify(createServer))
    .addCommand(exportAll(createServer));
}

function list(createServer: CreateServer): Command {
  const command = managementCommand("list", "List the newest entries", "audit list --app Shop --limit 20")
    .option("--app <app>", "Only entries of this app: its id, key or name")
    .option("--limit <number>", "Maximum number of entries", limitOf, 100);
  return command.action(({ app, limit }: { app?: string; limit: number }) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const appId = app === undefined ? undefined : await findAppId(admin, app);
      const entries = await readPages(limit, async (page) => {
        const { entries: rows, nextCursor } = await admin.call("GET /audit", { query: { appId, ...page } });
        return { rows, nextCursor };
      });
      if (isJson) return printJson(entries);
      const rows = entries.map((entry) => [
        String(entry.sequence),
        entry.at,
        entry.actorKind ?? "–",
        entry.actor,
        entry.address ?? "–",
        entry.action,
        entry.appId ?? "–",
        entry.target ?? "–",
      ]);
      printTable(["no.", "when", "kind", "who", "address", "what", "app", "target"], rows);
    }),
  );
}

function verify(createServer: CreateServer): Command {
  const command = managementCommand(
    "verify",
    "Check that no entry was changed or removed; prints the current head hash",
    "audit verify",
  ).option(
    "--expect <head>",
    "A head hash that you stored earlier, such as from the server's log; it must be in the chain",
  );
  return command.action(({ expect }: { expect?: string }) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const answer = await admin.call("GET /audit/verify", { query: { expect } });
      if (isJson) printJson(answer);
      if (answer.broken !== null) {
        throw new Refused(`The audit log is broken at entry ${answer.broken.sequence}: ${answer.broken.why}`);
      }
      if (answer.expected === "removed")
        throw new Refused(
          `Entries up to ${answer.removedUpTo} were removed because of their age, so the given head cannot be checked. Store a newer head`,
        );
      if (isJson) return;
      printFacts([
        ["intact", `${answer.entriesChecked} entries`],
        ...(answer.removedUpTo === 0
          ? []
          : [["removed because of their age", `entries up to ${answer.removedUpTo}`] as const]),
        ["head", answer.head],
      ]);
    }),
  );
}

function exportAll(createServer: CreateServer): Command {
  const command = managementCommand(
    "export",
    "Print all entries as JSON lines, newest first",
    "audit export > audit.jsonl",
  );
  return command.action(() =>
    withAdmin(command, createServer, async ({ admin }) => {
      const response = await admin.call("GET /audit/export", {});
      const text = response.body?.pipeThrough(new TextDecoderStream());
      for await (const chunk of text ?? []) await print(chunk);
    }),
  );
}
