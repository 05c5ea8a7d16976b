/** The example pages in a browser: each shows the event that a backend sends. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { borrowChromium, returnChromium } from "../support/chromium.ts";
import { exampleEnv, examples, type RunningExample, startExample } from "../support/start-example.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();
const built = mkdtempSync(join(tmpdir(), "soketify-page-"));
let browser: Browser;
let backend: RunningExample;

setDefaultTimeout(240_000);

beforeAll(async () => {
  browser = await borrowChromium();
  backend = await startExample(stage.server, "auth-express", "node", "server.js");
});

afterAll(async () => {
  if (browser !== undefined) await returnChromium(browser);
  await backend?.stop();
  rmSync(built, { recursive: true, force: true });
});

async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}

test("the first event: send.js sends it, and the page shows it", async () => {
  const serve = await startExample(stage.server, "first-event", "node", "serve.js");
  const page = await open(serve.url);
  await page.getByText("connected", { exact: true }).waitFor();
  const { status, stderr } = spawnSync("node", ["send.js"], {
    cwd: `${examples}/first-event`,
    env: { PATH: process.env.PATH, ...exampleEnv(stage.server) },
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  await page.locator("#events li", { hasText: '{"hello":"world"}' }).waitFor();
  await page.close();
  await serve.stop();
});

test.each(["react", "vue", "svelte"])("%s: the page shows the members and the events", async (name) => {
  buildPage(name);
  const site = serveBuilt();
  const ada = await open(`${site.url.href}?token=token-of-ada`);
  const bo = await open(`${site.url.href}?token=token-of-bo`);
  for (const page of [ada, bo]) {
    await page.locator("#members li", { hasText: "Ada" }).waitFor();
    await page.locator("#members li", { hasText: "Bo" }).waitFor();
  }
  await bo.close();
  await ada.locator("#members li", { hasText: "Bo" }).waitFor({ state: "detached" });
  await stage.backend().trigger("my-channel", "my-event", { number: 1 });
  await ada.locator("#events li", { hasText: '{"number":1}' }).waitFor();
  expect(await ada.locator("#events li").count()).toBe(1);
  await ada.close();
  await site.stop(true);
});

function buildPage(name: string): void {
  const { host, port, app } = stage.server;
  const vite = `${examples}/../node_modules/vite/bin/vite.js`;
  const { status, stderr } = spawnSync("node", [vite, "build", "--outDir", built, "--emptyOutDir"], {
    cwd: `${examples}/${name}`,
    env: {
      PATH: process.env.PATH,
      VITE_SOKETIFY_APP_KEY: app.key,
      VITE_SOKETIFY_HOST: host,
      VITE_SOKETIFY_PORT: String(port),
    },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The example ${name} was not built: ${stderr}`);
}

/** Serves the built page, and its backend under /pusher. */
function serveBuilt() {
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/pusher/")) return fetch(new Request(`${backend.url}${pathname}`, request));
      return new Response(Bun.file(join(built, pathname === "/" ? "index.html" : pathname)));
    },
  });
}
