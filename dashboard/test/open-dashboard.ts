/** The dashboard of a real server in Chromium. What the page complains about is kept: a test may ask that it is nothing. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type RunningServer, startServer } from "../../server/test/support/start-server.ts";

const owner = { email: "ada@example.com", password: "correct horse battery" };

export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, of the CSP, of what could not be loaded. */
  readonly complaints: readonly string[];
  /** Hosts that the page asked anything of. */
  readonly hosts: ReadonlySet<string>;
  goTo(path: string): Promise<void>;
}

/** A server that has an owner from its start. */
export function startOwnedServer(env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  return startServer({
    env: { SOKETIFY_ADMIN_EMAIL: owner.email, SOKETIFY_ADMIN_PASSWORD: owner.password, ...env },
  });
}

/** Signed in as the owner, through the page. */
export async function openDashboard(
  browser: Browser,
  server: RunningServer,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const opened = await openPage(browser, server, options);
  await opened.goTo("");
  await signIn(opened.page);
  return opened;
}

async function signIn(page: Page, { email, password } = owner): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
}

/** Signed in as nobody. */
export async function openPage(
  browser: Browser,
  server: RunningServer,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  const page = await context.newPage();
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
      await page.goto(`${server.httpUrl}/dashboard/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
  };
}
