/** The next steps, printed when the server has started on a terminal. */
import { resolve } from "node:path";
import { type Config, options } from "../config/config.ts";
import type { FirstApp, Server } from "./server-port.ts";
import { triggerLine } from "./trigger-line.ts";

type Facts = Pick<Server, "url" | "dashboardUrl" | "setupUrl" | "firstApp">;

/** The options of the start that the printed commands must repeat. */
type RepeatedFlags = Pick<Config, "pathPrefix" | "dataDir">;

export function welcome({ url, dashboardUrl, setupUrl, firstApp }: Facts, flags: RepeatedFlags): string {
  const lines = ["", `  Soketify is listening on ${url}`];
  if (dashboardUrl !== null) lines.push(`  Dashboard      ${dashboardUrl}`);
  if (setupUrl !== null) lines.push(`  Set it up      ${setupUrl}   (works once)`);
  lines.push(...(firstApp === null ? laterStart(flags) : firstStart(url, flags, firstApp)), "");
  return `${lines.join("\n")}\n`;
}

/** Commands find the server through its data folder. */
function inFolder({ dataDir }: RepeatedFlags): string {
  return resolve(dataDir) === resolve(String(options.dataDir.default)) ? "" : ` --data-dir ${dataDir}`;
}

function laterStart(flags: RepeatedFlags): string[] {
  return [
    "",
    `  Apps           npx soketify app list${inFolder(flags)}`,
    `  Credentials    npx soketify app show <id> --secret${inFolder(flags)}`,
  ];
}

function firstStart(url: string, flags: RepeatedFlags, app: FirstApp): string[] {
  const { pathPrefix } = flags;
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === "https:";
  const portNumber = Number(port || (isTls ? 443 : 80));
  const paths = pathPrefix === "" ? "" : `\n    wsPath: "${pathPrefix}", httpPath: "${pathPrefix}/pusher",`;
  return [
    "",
    "  There was no app, so this start created one:",
    "",
    `    App ID   ${app.id}`,
    `    Key      ${app.key}`,
    `    Secret   ${app.secret}`,
    "",
    "  Listen in a browser:",
    "",
    '  <script src="https://js.pusher.com/8.4.0/pusher.min.js"></script>',
    "  <script>",
    `  const pusher = new Pusher("${app.key}", {`,
    `    wsHost: "${hostname}", wsPort: ${portNumber}, wssPort: ${portNumber}, forceTLS: ${isTls},`,
    `    httpHost: "${hostname}", httpPort: ${portNumber}, httpsPort: ${portNumber},${paths}`,
    '    disableStats: true, enabledTransports: ["ws", "wss", "xhr_streaming", "xhr_polling"], cluster: "default",',
    "  });",
    '  pusher.subscribe("my-channel").bind("my-event", (data) => console.log(data));',
    "  </script>",
    "",
    "  Send it an event (this line is valid for ten minutes):",
    "",
    `  ${triggerLine(url, pathPrefix, app, Date.now())}`,
    "",
    `  or at any time:  npx soketify trigger ${app.id} my-channel my-event '{"hello":"world"}'${inFolder(flags)}`,
  ];
}
