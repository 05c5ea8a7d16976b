/** Two people with two browsers in the chat of `examples/`, started like in its README. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { borrowChromium, returnChromium } from "../support/chromium.ts";
import { freePort } from "../support/net/free-port.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const screenshots = `${repository}test-results`;

setDefaultTimeout(120_000);

let server: RunningServer;
let chat: ChildProcess;
let browser: Browser;
let url: string;

beforeAll(async () => {
  server = await startServer();
  const port = await freePort();
  chat = spawn("node", ["examples/chat/server.js"], {
    cwd: repository,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      SOKETIFY_HOST: server.host,
      SOKETIFY_PORT: String(server.port),
      SOKETIFY_APP_ID: server.app.id,
      SOKETIFY_APP_KEY: server.app.key,
      SOKETIFY_APP_SECRET: server.app.secret,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  url = `http://127.0.0.1:${port}`;
  await until("the chat to listen", () =>
    fetch(url).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  browser = await borrowChromium();
});

afterAll(async () => {
  if (browser !== undefined) await returnChromium(browser);
  chat?.kill();
  await server?.remove();
});

async function join(name: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 720 } });
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith("http://127.0.0.1") && !request.url().startsWith("data:")) {
      throw new Error(`The page asked another host: ${request.url()}`);
    }
  });
  await page.goto(url);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Join" }).click();
  await page.locator("#state[data-state=connected]").waitFor();
  return page;
}

async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

function members(page: Page): Promise<string[]> {
  return page.locator("#members button").allTextContents();
}

test("two people see each other, write to each other, and one sees the other leave", async () => {
  const ada = await join("Ada");
  const bo = await join("Bo");
  for (const page of [ada, bo]) {
    await until("both to be listed", async () => (await members(page)).sort().join() === "Ada,Bo");
  }

  await bo.getByLabel("Message").pressSequentially("Good morning");
  await ada.getByText("Bo is writing …").waitFor();
  await bo.getByRole("button", { name: "Send" }).click();
  await ada.locator("#messages li:not(.mine) .text", { hasText: "Good morning" }).waitFor();
  await send(ada, "<b>Hello</b> Bo");
  await bo.locator("#messages li:not(.mine) .text", { hasText: "<b>Hello</b> Bo" }).waitFor();
  expect(await bo.locator("#messages b").count()).toBe(0);

  const cy = await join("Cy");
  await ada.getByRole("button", { name: "Bo" }).click();
  await send(ada, "for your eyes only");
  await bo.locator("#messages .private .text", { hasText: "for your eyes only" }).waitFor();
  await send(bo, "to everybody");
  await cy.locator("#messages .text", { hasText: "to everybody" }).waitFor();
  expect(await cy.getByText("for your eyes only").count()).toBe(0);

  mkdirSync(screenshots, { recursive: true });
  await ada.screenshot({ path: `${screenshots}/chat.png` });

  await cy.context().close();
  await bo.context().close();
  await until("only Ada to be left", async () => (await members(ada)).join() === "Ada");
});

test("a user cannot subscribe to the inbox of another", async () => {
  const eve = await join("Eve");
  const answer = await eve.request.post(`${url}/pusher/auth`, {
    form: { socket_id: "1.1", channel_name: "private-inbox-somebody-else" },
  });
  expect(answer.status()).toBe(403);
});
