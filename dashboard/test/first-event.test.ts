/** The guide's own programs, copied and run: the page notices each step by itself. */
import { expect, test } from "bun:test";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import type { Credentials } from "../../server/test/support/start-server.ts";
import { until, within } from "../../server/test/support/until.ts";
import { testDashboard } from "./test-dashboard.ts";

/** Where the SDKs that the programs import are found. */
const workspace = join(import.meta.dir, "..");

const dashboard = testDashboard();

async function newApp(name: string): Promise<Credentials> {
  const { app, secret } = (await dashboard.server.admin("POST", "/apps", { name })) as {
    app: { id: string; key: string };
    secret: { value: string };
  };
  return { id: app.id, key: app.key, secret: secret.value };
}

async function copied(page: Page, language: string): Promise<string> {
  await page.getByRole("tab", { name: language, exact: true }).click();
  const button = page.getByRole("button", { name: `Copy ${language} example` });
  await button.click();
  await button.getByText("Copied").waitFor({ state: "attached" });
  return page.evaluate(() => navigator.clipboard.readText());
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(program, [...args], { cwd: workspace, env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  return { child, output: () => output };
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode === null) await within("the copied program to end", once(child, "exit"));
  return child.exitCode;
}

function step(page: Page, title: string): Locator {
  return page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: title }) })
    .getByRole("status")
    .first();
}

test("the guide follows the first client and the first event, made with the programs that it shows", async () => {
  const app = await newApp("Tea house");
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${app.id}/overview`);
  await page.getByRole("heading", { name: "Your first event" }).waitFor();
  expect(await step(page, "1. Connect a client").innerText()).toBe("Waiting…");

  const client = run(process.execPath, ["-e", await copied(page, "JavaScript")]);
  try {
    await step(page, "1. Connect a client").getByText("Done").waitFor();
    expect(await step(page, "2. Send an event").innerText()).toBe("Waiting…");
    await until("the client to be subscribed", async () => {
      const { channels } = (await dashboard.server.admin("GET", `/apps/${app.id}/channels`)) as {
        channels: unknown[];
      };
      return channels.length > 0;
    });

    const backend = run(process.execPath, ["-e", await copied(page, "Node")], {
      SOKETIFY_APP_SECRET: app.secret,
    });
    expect([await endOf(backend.child), backend.output()]).toEqual([0, ""]);
    await step(page, "2. Send an event").getByText("Done").waitFor();
    await step(page, "3. See it arrive").getByText("Done").waitFor();
    await until("the client to show the event", () => client.output().includes("hello"));
  } finally {
    client.child.kill();
  }
});

test("the guide's curl sends an event", async () => {
  const app = await newApp("Coffee house");
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${app.id}/overview`);
  const command = await copied(page, "curl");
  const curl = run("sh", ["-c", command], { SOKETIFY_TOKEN: dashboard.server.adminToken });
  expect(await endOf(curl.child)).toBe(0);
  await step(page, "2. Send an event").getByText("Done").waitFor();
});
