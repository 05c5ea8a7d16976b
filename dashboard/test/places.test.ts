/** The dashboard under a path prefix, on a separate port, and both. */
import { afterEach, expect, test } from "bun:test";
import { freePort } from "../../server/test/support/net/free-port.ts";
import type { RunningServer } from "../../server/test/support/start-server.ts";
import { connectPlayground, seeEventInConsole } from "./live-parts.ts";
import { startOwnedServer, testBrowser } from "./test-dashboard.ts";

const browser = testBrowser();
let running: RunningServer | null = null;
afterEach(async () => {
  await running?.remove();
  running = null;
});

test.each([
  ["under a path prefix", { SOKETIFY_PATH_PREFIX: "/realtime" }, false],
  ["on a port of its own", {}, true],
  ["on a port of its own under a path prefix", { SOKETIFY_PATH_PREFIX: "/a/b" }, true],
])("%s deep links, the live stream, the playground and the examples work", async (_, env, hasOwnPort) => {
  const ownPort = hasOwnPort ? { SOKETIFY_DASHBOARD_PORT: String(await freePort()) } : {};
  const server = await startOwnedServer({ ...env, ...ownPort });
  running = server;
  const { page, complaints, hosts, goTo } = await browser.openDashboard(server);
  const root = `apps/${server.app.id}`;

  await goTo(`${root}/overview`);
  const prefix = new URL(server.httpUrl).pathname.replace(/\/$/, "");
  const example = page.getByRole("tabpanel", { name: "JavaScript" });
  await example.getByText(`wsHost: "127.0.0.1", wsPort: ${server.port}`).waitFor();
  expect((await example.textContent())?.includes(`wsPath: "${prefix}"`)).toBe(prefix !== "");

  await goTo(`${root}/settings`);
  await page.getByRole("button", { name: "Copy as .env lines" }).click();
  await page.getByText("Copied", { exact: true }).first().waitFor({ state: "attached" });
  const lines = await page.evaluate(() => navigator.clipboard.readText());
  expect(lines).toContain(`SOKETIFY_HOST=127.0.0.1\nSOKETIFY_PORT=${server.port}\n`);
  expect(lines.includes(`SOKETIFY_PATH=${prefix}\n`)).toBe(prefix !== "");

  await goTo(`${root}/playground`);
  await page.reload();
  await connectPlayground(page);
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByText("pusher_internal:subscription_succeeded").waitFor();

  await seeEventInConsole(page, server);

  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([new URL(server.adminUrl).host]);
});
