/** The program in the README, with the address of a server. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import PusherJs, { type Options } from "pusher-js";
import { until } from "../../../server/test/support/until.ts";
import { recover } from "../src/recovery.ts";
import { HistoryServer } from "./history-server.ts";

setDefaultTimeout(120_000);

let server: HistoryServer;
beforeEach(() => {
  server = new HistoryServer();
});
afterEach(() => server.stop());

test("the program in the README reloads the page if events were missed", async () => {
  const clients: PusherJs[] = [];
  class LocalPusher extends PusherJs {
    constructor(key: string, options: Options) {
      super(key, { ...options, wsHost: "127.0.0.1", wsPort: server.port, enabledTransports: ["ws"] });
      clients.push(this);
    }
  }
  let reloads = 0;
  const quickly = (pusher: PusherJs, options: object) =>
    recover(pusher, { ...options, reconnectDelayMsMax: 1 });
  const readme = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
  const [, program = ""] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const [imports = "", body = ""] = program.split("\n\n");
  expect(imports.split("\n")).toEqual([
    'import Pusher from "pusher-js";',
    'import { recover } from "@soketify/recovery";',
  ]);
  const run = new Function("Pusher", "recover", "location", "show", body);
  run(LocalPusher, quickly, { reload: () => reloads++ }, () => undefined);
  await until("the subscription", () => server.recovers.length === 1);
  server.publish("before");
  server.epoch = "life-2";
  server.cut();
  await until("the reload", () => reloads === 1);
  for (const client of clients) client.disconnect();
});
