/** The published builds, loaded as users load them: in a page, in Node, in React Native and with Laravel Echo. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, mock, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Echo from "laravel-echo";
import PusherJs from "pusher-js";
import { launchChromium } from "../../../server/test/support/chromium.ts";
import { until } from "../../../server/test/support/until.ts";
import { recover } from "../src/recovery.ts";
import { HistoryServer } from "./history-server.ts";

setDefaultTimeout(120_000);

const versions = ["pusher-js", "pusher-js-7"];
const require = createRequire(import.meta.url);
const gzipBytesMax = 1_500;
/** The entries of a client whose connection breaks after the event `before`. Two events are published before it reconnects. */
const expected = ["subscribed", "before", "subscribed", "recovered 2", "missed 1", "missed 2"];

let folder: string;
let server: HistoryServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "soketify-recovery-"));
  const build = Bun.spawnSync([process.execPath, join(import.meta.dir, "..", "build.ts"), folder]);
  if (build.exitCode !== 0) throw new Error(build.stderr.toString());
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  server = new HistoryServer();
});
afterEach(() => server.stop());

/** Records the events of the channel `news`. It runs in the client, so it must not use anything from outside. */
function listen(
  Pusher: typeof PusherJs,
  plugin: { readonly recover: typeof recover },
  port: number,
  record: (text: string) => void,
): PusherJs {
  const options = { wsHost: "127.0.0.1", wsPort: port, forceTLS: false, cluster: "default" };
  const pusher = new Pusher("key", { ...options, enabledTransports: ["ws"], disableStats: true });
  plugin.recover(pusher, { reconnectDelayMsMax: 1 });
  const channel = pusher.subscribe("news");
  channel.bind("pusher:subscription_succeeded", () => record("subscribed"));
  channel.bind("soketify:recovered", (data: { replayed: number }) => record(`recovered ${data.replayed}`));
  channel.bind("e", (data: string) => record(data));
  return pusher;
}

/** @param received returns what the client has recorded so far */
async function cutAndMiss(received: () => readonly string[] | Promise<readonly string[]>): Promise<void> {
  const receives = (count: number) =>
    until(`${count} entries`, async () => (await received()).length >= count);
  await receives(1);
  server.publish("before");
  await receives(2);
  server.cut();
  for (const data of ["missed 1", "missed 2"]) server.publish(data);
  await receives(expected.length);
  expect(await received()).toEqual(expected);
}

test(`the script is smaller than ${gzipBytesMax} bytes with gzip, as the README says`, async () => {
  const bytes = Bun.gzipSync(await Bun.file(join(folder, "recovery.min.js")).bytes()).length;
  expect(bytes).toBeLessThan(gzipBytesMax);
  const readme = await Bun.file(join(import.meta.dir, "..", "README.md")).text();
  const [, kilobytes] = /one function of (\S+) KB \(gzip\)/.exec(readme) ?? [];
  expect(Math.ceil(bytes / 100) / 10).toBeLessThanOrEqual(Number(kilobytes));
});

test("the types declare the function with its parameters", async () => {
  const types = await Bun.file(join(folder, "recovery.d.ts")).text();
  expect(types).toContain("export declare function recover(pusher: Pusher, options?: RecoverOptions): void;");
});

test.each(versions)("the script recovers the events that %s missed in Chromium", async (version) => {
  const script = (path: string) =>
    new Response(Bun.file(path), { headers: { "content-type": "text/javascript" } });
  const pages = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes: {
      "/": new Response('<script src="/pusher.js"></script><script src="/recovery.js"></script>', {
        headers: { "content-type": "text/html" },
      }),
      "/pusher.js": () => script(require.resolve(`${version}/dist/web/pusher.min.js`)),
      "/recovery.js": () => script(join(folder, "recovery.min.js")),
    },
    fetch: () => new Response(null, { status: 404 }),
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(pages.url.href);
    await page.evaluate(`
      window.received = [];
      (${listen})(Pusher, SoketifyRecovery, ${server.port}, (text) => received.push(text));
    `);
    await cutAndMiss(() => page.evaluate("received") as Promise<string[]>);
  } finally {
    await browser.close();
    await pages.stop(true);
  }
});

test.each(versions)("the module recovers the events that %s missed in Node", async (version) => {
  const program = `
    import Pusher from ${JSON.stringify(require.resolve(`${version}/dist/node/pusher.js`))};
    import * as plugin from ${JSON.stringify(join(folder, "recovery.js"))};
    (${listen})(Pusher.default ?? Pusher, plugin, ${server.port}, (text) => console.log(text));
  `;
  const node = Bun.spawn(["node", "--input-type=module", "--eval", program], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  const reading = (async () => {
    for await (const chunk of node.stdout.pipeThrough(new TextDecoderStream())) printed += chunk;
  })();
  try {
    await cutAndMiss(() => printed.split("\n").slice(0, -1));
  } finally {
    node.kill();
    await reading;
  }
});

// The React Native build of 7.6 cannot create a client: it calls a Node function that its bundle lacks.
test("the React Native build of pusher-js 8 recovers the events that it missed", async () => {
  // The module that reports the phone's network state, which that build requires.
  await mock.module("@react-native-community/netinfo", () => {
    const netInfo = {
      fetch: async () => ({ type: "wifi", isConnected: true }),
      addEventListener: () => () => undefined,
    };
    return { default: netInfo, ...netInfo };
  });
  const build = require("pusher-js/dist/react-native/pusher.js");
  const received: string[] = [];
  const pusher = listen(build.default ?? build.Pusher ?? build, { recover }, server.port, (text) =>
    received.push(text),
  );
  try {
    await cutAndMiss(() => received);
  } finally {
    pusher.disconnect();
  }
});

test("the channels of Laravel Echo recover their missed events", async () => {
  const echo = new Echo({
    broadcaster: "pusher",
    key: "key",
    Pusher: PusherJs,
    wsHost: "127.0.0.1",
    wsPort: server.port,
    forceTLS: false,
    cluster: "default",
    enabledTransports: ["ws"],
    disableStats: true,
  });
  recover(echo.connector.pusher, { reconnectDelayMsMax: 1 });
  const received: string[] = [];
  const channel = echo.channel("news").subscribed(() => received.push("subscribed"));
  channel.listen(".e", (data: string) => received.push(data));
  channel.listen(".soketify:recovered", (data: { replayed: number }) =>
    received.push(`recovered ${data.replayed}`),
  );
  try {
    await cutAndMiss(() => received);
  } finally {
    echo.disconnect();
  }
});
