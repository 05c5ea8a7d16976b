/**
 * The dashboard of a real server in Chromium. Errors of the page are collected, so that a test can check that there
 * are none.
 */
import { afterAll, afterEach, beforeAll, setDefaultTimeout } from "bun:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { borrowChromium, returnChromium } from "../../server/test/support/chromium.ts";
import {
  type RunningServer,
  type ServerOptions,
  startServer,
} from "../../server/test/support/start-server.ts";
import { defaultViewport, PagePool } from "./page-pool.ts";

/** After a test's timeout, Bun ends all processes of the file, including the browser and the server of other tests. */
const testTimeoutMs = 240_000;
/** The timeout of a step, for slow machines. Shorter than a test's, so that the error names the failed step. */
const stepTimeoutMs = 120_000;
export const owner = { email: "ada@example.com", password: "correct horse battery" };

export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, of the CSP and of failed requests. */
  readonly complaints: readonly string[];
  /** The hosts of all requests of the page. */
  readonly hosts: ReadonlySet<string>;
  goTo(path: string): Promise<void>;
}

/** The address of a server for browsers. */
type ServerAddress = Pick<RunningServer, "adminUrl">;

export interface TestBrowser {
  /** Without a login. The page is reset after the test, and used again. */
  openPage(server: ServerAddress, options?: BrowserContextOptions): Promise<OpenPage>;
  /** Logged in as the owner, through the page. The page is reset after the test, and used again. */
  openDashboard(server: ServerAddress, options?: BrowserContextOptions): Promise<OpenPage>;
  /**
   * Like `openPage`, but closed after the test: for a test that sets a clock, which a reset cannot remove.
   */
  openOwnPage(server: ServerAddress, options?: BrowserContextOptions): Promise<OpenPage>;
}

type Cookie = Parameters<BrowserContext["addCookies"]>[0][number];

const pages = new PagePool();

/** One browser for the tests of a file. */
export function testBrowser(): TestBrowser {
  setDefaultTimeout(testTimeoutMs);
  let browser: Browser | null = null;
  beforeAll(async () => {
    browser = await borrowChromium();
  });
  afterEach(async () => {
    const kept = await pages.reset();
    for (const context of browser?.contexts() ?? []) if (!kept.has(context)) await context.close();
  });
  afterAll(async () => {
    if (browser !== null) await returnChromium(browser, await pages.reset());
  });

  function running(): Browser {
    if (browser === null) throw new Error("The browser starts before the first test, not earlier");
    return browser;
  }

  async function openPage(server: ServerAddress, options: BrowserContextOptions = {}): Promise<OpenPage> {
    return watchPage(
      (await pages.take(options)) ?? pages.lend(await newPage(running(), options), options),
      server,
    );
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
  /**
   * Logged in as the owner, in a session that all pages share. Empty until `goTo`. Reset after the test, and used
   * again.
   */
  open(options?: BrowserContextOptions): Promise<OpenPage>;
  /** Like `open`, but closed after the test: for a test that sets a clock, which a reset cannot remove. */
  openOwn(options?: BrowserContextOptions): Promise<OpenPage>;
  /** Like `open`, without a login: for another person. */
  openPage(options?: BrowserContextOptions): Promise<OpenPage>;
}

/** One server with an owner, and one browser, for the tests of a file. */
export function testDashboard(env: Readonly<Record<string, string>> = {}): TestDashboard {
  return dashboardOf(
    () => startOwned(env),
    ({ server }) => server.remove(),
  );
}

/**
 * Like `testDashboard`, on a server that the files of this process use one after another: its start takes more processor time than
 * most tests. Each file has a new app. For tests that look only at this app and at what they create.
 */
export function sharedDashboard(): TestDashboard {
  return dashboardOf(borrowShared, () => undefined);
}

interface Owned {
  readonly server: RunningServer;
  readonly session: readonly Cookie[];
}

/** It ends with the process. */
let shared: Owned | null = null;

async function borrowShared(): Promise<Owned> {
  // A test that ran out of time has ended it.
  if (shared?.server.isRunning !== true) shared = await startOwned({}, { isShared: true });
  shared.server.app = await shared.server.createApp();
  return shared;
}

async function startOwned(...args: Parameters<typeof startOwnedServer>): Promise<Owned> {
  const server = await startOwnedServer(...args);
  return { server, session: await logIn(server) };
}

function dashboardOf(start: () => Promise<Owned>, end: (owned: Owned) => unknown): TestDashboard {
  const browser = testBrowser();
  let owned: Owned | null = null;
  beforeAll(async () => {
    owned = await start();
  });
  afterAll(() => (owned === null ? undefined : end(owned)));

  function running(): Owned {
    if (owned === null) throw new Error("The server starts before the first test, not earlier");
    return owned;
  }

  async function logInWith(opened: OpenPage): Promise<OpenPage> {
    await opened.page.context().addCookies(running().session);
    return opened;
  }

  return {
    get server() {
      return running().server;
    },
    open: async (options) => logInWith(await browser.openPage(running().server, options)),
    openPage: (options) => browser.openPage(running().server, options),
    openOwn: async (options) => logInWith(await browser.openOwnPage(running().server, options)),
  };
}

/** Starts a server with an owner. */
export function startOwnedServer(
  env: Readonly<Record<string, string>> = {},
  options: Pick<ServerOptions, "isUrlKnown" | "isTls" | "isShared"> = {},
): Promise<RunningServer> {
  return startServer({
    ...options,
    env: { SOKETIFY_ADMIN_EMAIL: owner.email, SOKETIFY_ADMIN_PASSWORD: owner.password, ...env },
  });
}

/** Creates a session of the owner without a page. Returns its cookies, which any number of pages may use. */
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
    // An animation draws the page 60 times per second, which needs a third of the processor time of a page load.
    reducedMotion: "reduce",
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
