/** `soketify listen`: prints the live feed of an app. */
import { type Command, Option } from "commander";
import { type LiveEntry, liveEntry, liveGap } from "../../admin-api/contracts/live.ts";
import { withApp, withAppArgument } from "../find-app.ts";
import { managementCommand } from "../management-command.ts";
import { type Colour, type Part, print, printLine } from "../print.ts";
import type { CreateServer } from "../server-port.ts";
import { readServerSentEvents, type ServerSentEvent } from "../server-sent-events.ts";

const types = liveEntry.options.map(({ shape }) => shape.type.value);

export function listenCommand(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "listen",
      "Print the activity of an app until Ctrl-C",
      "listen Shop --channel 'private-*'",
    ),
  )
    .option("--channel <name...>", "Only these channels; a trailing * matches any suffix")
    .addOption(new Option("--type <type...>", "Only these types").choices(types));
  return command.action((app: string, { channel, type }: { channel?: string[]; type?: string[] }) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const query = { channel: channel?.join(","), type: type?.join(",") };
      const response = await admin.call("GET /apps/{appId}/live", { path: { appId }, query });
      for await (const event of readServerSentEvents(response)) {
        if (event.name === "position") continue;
        if (isJson) await print(`${event.data}\n`);
        else printLine(...partsOf(event));
      }
    }),
  );
}

function partsOf({ name, data }: ServerSentEvent): Part[] {
  const value: unknown = JSON.parse(data);
  switch (name) {
    case "activity":
      return entryParts(liveEntry.parse(value));
    case "gap": {
      const { dropped, reason } = liveGap.parse(value);
      return [{ colour: "red", text: `— ${dropped ?? "some"} entries were dropped (${reason}) —` }];
    }
    default:
      return [{ colour: "grey", text: `${name} ${data}` }];
  }
}

function entryParts({ id: _, at, type, ...facts }: LiveEntry): Part[] {
  const shown = Object.entries(facts)
    .filter(([, value]) => value !== null)
    .flatMap(([name, value]): Part[] => [" ", { colour: "grey", text: `${name}=` }, text(value)]);
  const time: Part = { colour: "grey", text: at.slice(11, 23) };
  return [time, " ", { colour: colourOf(type), text: type.padEnd(18) }, ...shown];
}

function colourOf(type: LiveEntry["type"]): Colour {
  if (type.endsWith("refused")) return "red";
  return type.includes("event") ? "green" : "cyan";
}

function text(value: unknown): string {
  if (typeof value === "object" && value !== null && "text" in value) return String(value.text);
  return typeof value === "string" ? value : JSON.stringify(value);
}
