/** Starts Soketify with a channel that has a history, and a backend that publishes to it. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";
import Pusher from "pusher";
import { Network } from "./network.js";

const channel = "news";
const credentials = { id: "1", key: random(), secret: random(), adminToken: random() };
const soketifyPort = await freePort();
const dataFolder = mkdtempSync(join(tmpdir(), "soketify-example-"));

const soketify = spawn("node", [pathOf("../../server/bin/soketify.js"), "start"], {
  env: {
    ...process.env,
    SOKETIFY_HOST: "127.0.0.1",
    SOKETIFY_PORT: String(soketifyPort),
    SOKETIFY_DATA_DIR: dataFolder,
    SOKETIFY_APP_ID: credentials.id,
    SOKETIFY_APP_KEY: credentials.key,
    SOKETIFY_APP_SECRET: credentials.secret,
    SOKETIFY_ADMIN_TOKEN: credentials.adminToken,
    SOKETIFY_LOG_LEVEL: "warn",
    // No load balancer needs time to notice the stop.
    SOKETIFY_DRAIN_GRACE_MS: "0",
  },
  stdio: ["ignore", "ignore", "inherit"],
});
soketify.once("exit", (code) => {
  rmSync(dataFolder, { recursive: true, force: true });
  process.exit(code || process.exitCode);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => soketify.kill());

await untilReady();
await keepEvents();

const network = new Network(soketifyPort);
const networkPort = await network.open();
const pusher = new Pusher({
  appId: credentials.id,
  key: credentials.key,
  secret: credentials.secret,
  host: "127.0.0.1",
  port: String(soketifyPort),
  useTLS: false,
  cluster: "default",
});
let published = 0;

const app = express();
app.use(express.json());
app.use(express.static(pathOf("public")));
const { resolve } = createRequire(import.meta.url);
app.get("/pusher.min.js", (_request, response) =>
  response.sendFile(resolve("pusher-js/dist/web/pusher.min.js")),
);
app.get("/recovery.min.js", (_request, response) => response.sendFile(resolve("@soketify/recovery/script")));
app.get("/settings", (_request, response) =>
  response.json({ key: credentials.key, host: "127.0.0.1", port: networkPort, channel, isOn: network.isOn }),
);

/** `{ isOn }`: turns the page's network on or off. */
app.post("/network", (request, response) => {
  network.turn(request.body?.isOn === true);
  response.status(204).end();
});

/** Publishes ten events, one after another. */
app.post("/events", async (_request, response) => {
  for (let count = 0; count < 10; count++) {
    published += 1;
    await pusher.trigger(channel, "event", { number: published });
  }
  response.status(204).end();
});

const port = Number(process.env.PORT || 3001);
const listener = app.listen(port, "127.0.0.1", (error) => {
  if (error) {
    console.error(`Port ${port} is not available (${error.code}). Set PORT to another port.`);
    process.exitCode = 1;
    soketify.kill();
  } else console.log(`Recovery: http://127.0.0.1:${listener.address().port}`);
});

async function untilReady() {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${soketifyPort}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Sets the channel rule: a history of 100 events, for 10 minutes. */
async function keepEvents() {
  const channelRules = [{ pattern: channel, historyEventsMax: 100, historyMs: 600_000 }];
  const answer = await fetch(`http://127.0.0.1:${soketifyPort}/api/v1/apps/${credentials.id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${credentials.adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ settings: { channelRules } }),
  });
  if (!answer.ok) throw new Error(`The server refused the channel rule: ${await answer.text()}`);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

function random() {
  return randomBytes(16).toString("hex");
}

function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
