/** `soketify trigger`: publishes an event as a backend would. */
import type { Command } from "commander";
import { managementCommand, withAdmin } from "./management-command.ts";
import { printFacts, printJson } from "./print.ts";
import type { CreateServer } from "./server-port.ts";

export function triggerCommand(createServer: CreateServer): Command {
  const command = managementCommand("trigger", "Publish an event")
    .argument("<app>", "The app's id")
    .argument("<channel>")
    .argument("<event>")
    .argument("<data>", "Sent as it is; JSON by custom");
  return command.action((appId: string, channel: string, name: string, data: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const body = { name, data, channels: [channel] };
      const answer = await admin.call("publishEvent", { params: { appId }, body });
      if (isJson) printJson(answer);
      else printFacts([["published", `${name} to ${channel}`]]);
    }),
  );
}
