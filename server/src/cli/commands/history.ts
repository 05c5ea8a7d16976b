/** `soketify history`: prints the stored events of a channel. */
import { type Command, InvalidArgumentError } from "commander";
import { withApp, withAppArgument } from "../find-app.ts";
import { managementCommand } from "../management-command.ts";
import { printJson, printTable } from "../print.ts";
import type { CreateServer } from "../server-port.ts";

const limitMax = 100;

export function historyCommand(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "history",
      "Show the stored events of a channel, newest first",
      "history Shop news --limit 20",
    ),
  )
    .argument("<channel>", "A channel with history, or a cache channel")
    .option("--limit <count>", `Number of events, 1 to ${limitMax}`, limitOf, 20)
    .option("--oldest", "Oldest first");
  return command.action((app: string, channel: string, given: { limit: number; oldest?: true }) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const direction = given.oldest === true ? "forwards" : "backwards";
      const path = { appId, channel };
      const answer = await admin.call("GET /apps/{appId}/channels/{channel}/history", {
        path,
        query: { direction, limit: given.limit },
      });
      if (isJson) printJson(answer);
      else printTable(["offset", "at", "event", "data"], answer.events.map(rowOf));
    }),
  );
}

function rowOf({ offset, at, name, data }: { offset: number; at: string; name: string; data: string }) {
  return [String(offset), at, name, data];
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= limitMax) return limit;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${limitMax}.`);
}
