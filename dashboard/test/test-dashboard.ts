/** The dashboard of a real server in Chromium. What the page complains about is kept: a test may ask that it is nothing. */
import { afterAll, afterEach, beforeAll, setDefaultTimeout } from "bun:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "../../server/test/support/chromium.ts";
import {
  type RunningServer,
  type ServerOptions,
  startServer,
} from "../../server/test/support/start-server.ts";
import { defaultViewport, PagePool } from "./page-pool.ts";

/** After a test's time Bun ends what the file has started, the browser and the server of the other tests too. */
const testTimeoutMs = 240_000;
/** A step of a page may take this long on a slow machine. Shorter than a test, so that the step is named that failed. */
const stepTimeoutMs = 120_000;
export const owner = { email: "ada@example.com", password: "correct horse battery" };

export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, of the CSP, of what could not be loaded. */
  readonly complaints: readonly string[];
  /** Hosts that the page asked anything of. */
  readonly hosts: ReadonlySet<string>;
  goTo(path: string): Promise<void>;
}

/** Of a server: where browsers reach it. */
type ServerAddress = Pick<RunningServer, "adminUrl">;

export interface TestBrowser {
  /** Logged in as nobody. Reset after the test, and used again. */
  openPage(server: ServerAddress, options?: BrowserContextOptions): Promise<OpenPage>;
  /** Logged in as the owner, through the page. Reset after the test, and used again. */
  openDashboard(server: ServerAddress, options?: BrowserContextOptions): Promise<OpenPage>;
  /** As `openPage`, but closed after the test: for a test that adds scripts or a clock, which a reset cannot remove. */
  openOwnPage(server: ServerAddress, options?: BrowserContextOptions): Promise<OpenPage>;
}

type Cookie = Parameters<BrowserContext["addCookies"]>[0][number];

/** One browser for the tests of a file. */
export function testBrowser(): TestBrowser {
  setDefaultTimeout(testTimeoutMs);
  let browser: Browser | null = null;
  const pages = new PagePool();
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    const kept = await pages.reset();
    for (const context of browser?.contexts() ?? []) if (!kept.has(context)) await context.close();
  });
  afterAll(() => browser?.close());

  function running(): Browser {
    if (browser === null) throw new Error("The browser starts before the first test, not earlier");
    return browser;
  }

  async function openPage(server: ServerAddress, options: BrowserContextOptions = {}): Promise<OpenPage> {
    return watchPage(pages.take(options) ?? pages.lend(await newPage(running(), options), options), server);
  }

  return {
    openPage,
    openOwnPage: async (server, options = {}) => watchPage(await newPage(running(), options), server),
    async openDashboard(server, options) {
      const opened = await openPage(server, options);
      await opened.goTo("");
      await logInThrough(opened.page);
      return opened;
    },
  };
}

export interface TestDashboard {
  /** Set before the first test. */
  readonly server: RunningServer;
  /** Logged in as the owner, in a session that all pages share. Empty until `goTo`. Reset after the test, and used again. */
  open(options?: BrowserContextOptions): Promise<OpenPage>;
  /** As `open`, but closed after the test: for a test that adds scripts or a clock, which a reset cannot remove. */
  openOwn(options?: BrowserContextOptions): Promise<OpenPage>;
}

/** One server that has an owner, and one browser, for the tests of a file. */
export function testDashboard(env: Readonly<Record<string, string>> = {}): TestDashboard {
  const browser = testBrowser();
  let server: RunningServer | null = null;
  let session: readonly Cookie[] = [];
  beforeAll(async () => {
    server = await startOwnedServer(env);
    session = await logIn(server);
  });
  afterAll(() => server?.remove());

  function running(): RunningServer {
    if (server === null) throw new Error("The server starts before the first test, not earlier");
    return server;
  }

  return {
    get server() {
      return running();
    },
    open: async (options) => logInWith(session, await browser.openPage(running(), options)),
    openOwn: async (options) => logInWith(session, await browser.openOwnPage(running(), options)),
  };
}

async function logInWith(session: readonly Cookie[], opened: OpenPage): Promise<OpenPage> {
  await opened.page.context().addCookies(session);
  return opened;
}

/** A server that has an owner from its start. */
export function startOwnedServer(
  env: Readonly<Record<string, string>> = {},
  options: Pick<ServerOptions, "isUrlKnown" | "isTls"> = {},
): Promise<RunningServer> {
  return startServer({
    ...options,
    env: { SOKETIFY_ADMIN_EMAIL: owner.email, SOKETIFY_ADMIN_PASSWORD: owner.password, ...env },
  });
}

/** A new session of the owner, without a page: as cookies, which any number of pages may send. */
async function logIn({ adminUrl }: ServerAddress): Promise<readonly Cookie[]> {
  const answer = await fetch(`${adminUrl}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(owner),
  });
  if (!answer.ok) throw new Error(`The login was refused: ${answer.status} ${await answer.text()}`);
  return answer.headers.getSetCookie().map((line) => {
    const { name, value } = Bun.Cookie.parse(line);
    return { name, value, url: adminUrl };
  });
}

async function logInThrough(page: Page): Promise<void> {
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
}

async function newPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({
    viewport: defaultViewport,
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  context.setDefaultTimeout(stepTimeoutMs);
  return context.newPage();
}

function watchPage(page: Page, server: ServerAddress): OpenPage {
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  return {
    page,
    complaints,
    hosts,
    goTo: async (path) => {
      await page.goto(`${server.adminUrl}/dashboard/${path}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
    },
  };
}
