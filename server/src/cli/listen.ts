/** `soketify listen`: what happens in an app, as it happens. */
import { type Command, Option } from "commander";
import { type LiveEntry, liveEntry, liveGap } from "../admin-api/live-contract.ts";
import { withApp, withAppArgument } from "./find-app.ts";
import { managementCommand } from "./management-command.ts";
import type { CreateServer } from "./server-port.ts";
import { readServerSentEvents, type ServerSentEvent } from "./server-sent-events.ts";

const types = liveEntry.options.map(({ shape }) => shape.type.value);
const ansi = { reset: "\x1b[0m", grey: "\x1b[90m", red: "\x1b[31m", green: "\x1b[32m", cyan: "\x1b[36m" };

export function listenCommand(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "listen",
      "Follow what happens in an app, until Ctrl-C",
      "listen Shop --channel 'private-*'",
    ),
  )
    .option("--channel <name...>", "Only these channels; a trailing * stands for any ending")
    .addOption(new Option("--type <type...>", "Only these types").choices(types));
  return command.action((app: string, { channel, type }: { channel?: string[]; type?: string[] }) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const query = { channel: channel?.join(","), type: type?.join(",") };
      const response = await admin.call("live", { params: { appId }, query });
      for await (const event of readServerSentEvents(response)) {
        if (event.name === "position") continue;
        const line = isJson ? event.data : lineOf(event);
        process.stdout.write(`${line}\n`);
      }
    }),
  );
}

function lineOf({ name, data }: ServerSentEvent): string {
  const value: unknown = JSON.parse(data);
  switch (name) {
    case "activity":
      return entryLine(liveEntry.parse(value));
    case "gap": {
      const { dropped, reason } = liveGap.parse(value);
      return coloured("red", `— ${dropped ?? "some"} entries were left out (${reason}) —`);
    }
    default:
      return coloured("grey", `${name} ${data}`);
  }
}

function entryLine({ id: _, at, type, ...facts }: LiveEntry): string {
  const shown = Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${coloured("grey", `${name}=`)}${text(value)}`);
  return [coloured("grey", at.slice(11, 23)), coloured(colourOf(type), type.padEnd(18)), ...shown].join(" ");
}

function colourOf(type: LiveEntry["type"]): keyof typeof ansi {
  if (type.endsWith("refused")) return "red";
  return type.includes("event") ? "green" : "cyan";
}

function text(value: unknown): string {
  if (typeof value === "object" && value !== null && "text" in value) return String(value.text);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function coloured(colour: keyof typeof ansi, content: string): string {
  const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;
  return isColoured ? `${ansi[colour]}${content}${ansi.reset}` : content;
}
