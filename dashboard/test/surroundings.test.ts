/** The dashboard with TLS, behind a proxy, and with an unreachable database. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { freePort } from "../../server/test/support/net/free-port.ts";
import { makeCertificate } from "../../server/test/support/net/make-certificate.ts";
import { startNginx } from "../../server/test/support/net/nginx.ts";
import { startPostgres } from "../../server/test/support/services/postgres.ts";
import type { RunningServer } from "../../server/test/support/start-server.ts";
import { connectPlayground, seeEventInConsole } from "./live-parts.ts";
import { startOwnedServer, testBrowser } from "./test-dashboard.ts";

const browser = testBrowser();
const noCheck = { ignoreHTTPSErrors: true };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(...args: Parameters<typeof startOwnedServer>): Promise<RunningServer> {
  const server = await startOwnedServer(...args);
  undo.push(() => server.remove());
  return server;
}

async function expectSecureCookies(page: Page): Promise<void> {
  const cookies = await page.context().cookies();
  expect(cookies.length).toBeGreaterThan(0);
  for (const { name, secure, path } of cookies) {
    expect({ name, secure, path }).toEqual({
      name: expect.stringMatching(/^__Host-/),
      secure: true,
      path: "/",
    });
  }
}

/** From the page of the app: the playground connects, and the console shows a new event immediately. */
async function expectLiveParts(page: Page, server: RunningServer): Promise<void> {
  await page.getByRole("link", { name: "Playground" }).click();
  await connectPlayground(page);
  await seeEventInConsole(page, server);
}

test("on a separate port with TLS the cookies are secure, and live features work", async () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-tls-"));
  undo.push(() => rmSync(folder, { recursive: true }));
  const { certificate, key } = makeCertificate(folder, "localhost");
  const server = await start(
    {
      SOKETIFY_DASHBOARD_PORT: String(await freePort()),
      SOKETIFY_TLS_CERT_FILE: certificate,
      SOKETIFY_TLS_KEY_FILE: key,
    },
    { isTls: true },
  );
  const { page, complaints, goTo } = await browser.openDashboard(server, noCheck);
  await expectSecureCookies(page);
  await goTo(`apps/${server.app.id}/overview`);
  await expectLiveParts(page, server);
  expect(complaints).toEqual([]);
});

test("behind nginx with TLS and a path prefix the cookies are secure, and live features work", async () => {
  const port = await freePort();
  const server = await start({
    SOKETIFY_PATH_PREFIX: "/realtime",
    SOKETIFY_PUBLIC_URL: `https://localhost:${port}`,
    SOKETIFY_TRUSTED_PROXIES: "127.0.0.1",
  });
  const nginx = await startNginx(port, server.port, "/realtime");
  undo.push(() => nginx.remove());
  const publicServer = { adminUrl: `https://localhost:${port}/realtime` };
  const { page, complaints, hosts, goTo } = await browser.openDashboard(publicServer, noCheck);
  await expectSecureCookies(page);
  await goTo(`apps/${server.app.id}/overview`);
  await expectLiveParts(page, server);
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([`localhost:${port}`]);
});

test("an unreachable database is shown, and the page recovers by itself", async () => {
  const database = await startPostgres();
  undo.push(() => database.remove());
  const server = await start({ SOKETIFY_DATABASE_URL: database.url });
  const { page, goTo } = await browser.openDashboard(server);
  await goTo(`apps/${server.app.id}/overview`);
  await page.getByText("Connections now").waitFor();
  const notice = page.getByText(/The shown data may be out of date\. .*database/);
  await database.stop();
  await notice.waitFor();
  await database.start();
  await notice.waitFor({ state: "detached" });

  await database.stop();
  await notice.waitFor();
  await page.reload();
  await page.getByText(/The database cannot be reached/).waitFor();
  await database.start();
  await page.getByText("Connections now").waitFor();
});
