/** The dashboard and the admin API on a separate port, which an operator can protect from public access. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/net/free-port.ts";
import { makeCertificate } from "../support/net/make-certificate.ts";
import { Browser, password } from "../support/people-api.ts";
import { runSoketify } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";

const email = "owner@example.com";
let server: RunningServer | null = null;

afterEach(async () => {
  await server?.remove();
  server = null;
});

async function start(env: Readonly<Record<string, string>> = {}, isTls = false): Promise<RunningServer> {
  const ownPort = { SOKETIFY_DASHBOARD_PORT: String(await freePort()) };
  const started = await startServer({ isTls, env: { ...ownPort, ...env } });
  server = started;
  return started;
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url, { redirect: "manual" })).status;
}

test("the dashboard and admin API are only on their own port, and clients use the main port", async () => {
  const { httpUrl, adminUrl, app } = await start({ SOKETIFY_PATH_PREFIX: "/realtime" });
  const statuses = async (root: string) => ({
    dashboard: await statusOf(`${root}/dashboard/apps/1/overview`),
    adminApi: await statusOf(`${root}/api/v1/me`),
    health: await statusOf(`${root}/health/live`),
    pusherApi: await statusOf(`${root}/apps/${app.id}/channels`),
  });
  expect(await statuses(httpUrl)).toEqual({ dashboard: 404, adminApi: 404, health: 200, pusherApi: 401 });
  expect(await statuses(adminUrl)).toEqual({ dashboard: 200, adminApi: 401, health: 404, pusherApi: 404 });
  expect(await statusOf(adminUrl)).toBe(302);
});

test("the setup link, the commands and doctor use the port", async () => {
  const { log, adminUrl, dataDir, app } = await start();
  const link = /https?:\/\/\S+\/dashboard\/setup#[\w-]+/.exec(log)?.[0] ?? "";
  const owner = new Browser(adminUrl, fetch);
  await owner.join(link, { email });
  expect((await owner.load()).person?.email).toBe(email);
  expect(link).toStartWith(`${adminUrl}/dashboard/setup#`);
  expect(runSoketify(dataDir, "app", "list").output).toContain(app.id);
  const { output } = runSoketify(dataDir, "doctor");
  expect(output).not.toContain("FAIL");
});

test("a page of the main port may not use the session", async () => {
  const { httpUrl, adminUrl } = await start({
    SOKETIFY_ADMIN_EMAIL: email,
    SOKETIFY_ADMIN_PASSWORD: password,
  });
  const owner = new Browser(adminUrl, fetch);
  await owner.logIn(email);
  const headers = { origin: httpUrl, "sec-fetch-site": "same-site" };
  expect(await owner.refusal("POST", "/apps", { name: "Mine" }, headers)).toBe("cross_site");
});

test("the port uses TLS like the main one, and its cookies require TLS", async () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-tls-"));
  const { certificate, key } = makeCertificate(folder, "localhost");
  const { adminUrl, dataDir, app } = await start(
    {
      SOKETIFY_TLS_CERT_FILE: certificate,
      SOKETIFY_TLS_KEY_FILE: key,
      SOKETIFY_ADMIN_EMAIL: email,
      SOKETIFY_ADMIN_PASSWORD: password,
    },
    true,
  );
  const owner = new Browser(adminUrl, (request) => fetch(request, { tls: { rejectUnauthorized: false } }));
  await owner.logIn(email);
  expect(adminUrl).toStartWith("https://");
  expect([...owner.cookies.keys()]).toEqual(["__Host-soketify.session_token", "__Host-soketify.device"]);
  expect(runSoketify(dataDir, "app", "list")).toMatchObject({ output: expect.stringContaining(app.id) });
  rmSync(folder, { recursive: true });
});

test("a port in use ends the start, and the message names it and its option", async () => {
  const taken = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => socket.terminate() },
  });
  const failure = await start({ SOKETIFY_DASHBOARD_PORT: String(taken.port) }).then(String, String);
  taken.stop(true);
  expect(failure).toContain(
    `Soketify could not start: port ${taken.port} is in use. Stop the program that uses it, or set --dashboard-port (SOKETIFY_DASHBOARD_PORT) to a free port`,
  );
});
