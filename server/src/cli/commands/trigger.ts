/** `soketify trigger`: publishes an event, like a backend. */

import type { PublishAnswer } from "@soketify/admin";
import type { Command } from "commander";
import { withApp, withAppArgument } from "../find-app.ts";
import { managementCommand } from "../management-command.ts";
import { printFacts, printJson } from "../print.ts";
import type { CreateServer } from "../server-port.ts";

export function triggerCommand(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand("trigger", "Publish an event", `trigger Shop my-channel my-event '{"hello":"world"}'`),
  )
    .argument("<channel>", "The channel, such as my-channel or private-orders")
    .argument("<event>", "The event's name, such as my-event")
    .argument("<data>", "The event's data, sent unchanged; usually JSON");
  return command.action((app: string, channel: string, name: string, data: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const body = { name, data, channels: [channel] };
      const answer = await admin.call("POST /apps/{appId}/events", { path: { appId }, body });
      if (isJson) printJson(answer);
      else
        printFacts([
          ["published", `${name} to ${channel}`],
          ["delivered to", recipientsText(answer)],
        ]);
    }),
  );
}

function recipientsText({ recipients, isLocal }: PublishAnswer): string {
  if (recipients === null) return "an unknown number of connections";
  const connections = `${recipients} ${recipients === 1 ? "connection" : "connections"}`;
  return isLocal ? `${connections} of one node, because Redis is unreachable` : connections;
}
