/** The configuration of `examples/laravel`, without Laravel: the connection that it makes from its variables works. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type Echo from "laravel-echo";
import Pusher from "pusher";
import { Mailbox } from "../support/mailbox.ts";
import { examples } from "../support/start-example.ts";
import { within } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();
const folder = `${examples}/laravel`;

interface Connection {
  readonly key: string;
  readonly secret: string;
  readonly app_id: string;
  readonly options: { readonly host: string; readonly port: number; readonly useTLS: boolean };
}

/** The variables of `.env.example` as Laravel reads them, with the server's values. */
function environment(): Record<string, string> {
  const { app, port } = stage.server;
  const ours: Record<string, string> = {
    PUSHER_APP_ID: app.id,
    PUSHER_APP_KEY: app.key,
    PUSHER_APP_SECRET: app.secret,
    PUSHER_PORT: String(port),
  };
  const read: Record<string, string> = {};
  for (const [, name = "", value = ""] of readFileSync(`${folder}/.env.example`, "utf8").matchAll(
    /^(\w+)=(.*)$/gm,
  ))
    read[name] = ours[name] ?? value.replace(/^"\$\{(\w+)\}"$/, (_, other: string) => read[other] ?? "");
  return read;
}

function php(...args: readonly string[]): string {
  const env = { PATH: process.env.PATH, ...environment() };
  const { status, stdout, stderr } = spawnSync("php", args, { cwd: folder, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`php ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

test("its PHP files have no syntax error", () => {
  for (const file of ["config/broadcasting.php", "routes/channels.php"])
    expect(php("-l", file)).toStartWith("No syntax errors");
});

test("events that Laravel's broadcaster publishes reach the client of echo.js", async () => {
  const { key, secret, app_id: appId, options } = JSON.parse(php("check.php")) as Connection;
  for (const [name, value] of Object.entries(environment()))
    if (name.startsWith("VITE_")) process.env[name] = value;
  const { default: echo } = (await import(`${folder}/resources/js/echo.js`)) as { default: Echo<"pusher"> };
  const received = new Mailbox<unknown>();
  const subscribed = new Promise<void>((resolve) => echo.channel("news").subscribed(resolve));
  echo.channel("news").listen(".MessageSent", (data: unknown) => received.push(data));
  await within("the subscription", subscribed);
  const { host, port, useTLS } = options;
  await new Pusher({ appId, key, secret, host, port: String(port), useTLS }).trigger("news", "MessageSent", {
    id: 1,
  });
  expect(await received.next("the event")).toEqual({ id: 1 });
  echo.disconnect();
});
