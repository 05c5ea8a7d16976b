/** After a link was used, a session ended or a thing was deleted, its page sends no request that can only fail. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { owner, sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();
/** Longer than the interval of every poll. */
const pollsMs = 15_000;

/** Lets the page poll after the server has done the requests of this method, and before the page learns of it. */
async function pollDuring(page: Page, method: string): Promise<void> {
  await page.route("**/api/v1/**", async (route) => {
    if (route.request().method() !== method) return route.continue();
    const response = await route.fetch();
    await page.clock.runFor(pollsMs);
    await route.fulfill({ response });
  });
}

test("an invitation is opened once, and not again after it was accepted", async () => {
  const { server } = dashboard;
  const { url } = (await server.admin("POST", "/people/invitations", {
    email: "alan@example.com",
    role: "viewer",
    appIds: null,
  })) as { readonly url: string };
  const { page, complaints } = await dashboard.open();
  await page.context().clearCookies();
  let opened = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/invitations/open")) opened += 1;
  });
  await page.goto(url);
  await page.getByLabel("Your name").fill("Alan Turing");
  await page.getByLabel("Password").fill("a few good words");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
  await page.waitForLoadState("networkidle");
  expect([opened, complaints]).toEqual([1, []]);
});

test("a page that shows an app sends nothing after its session was ended", async () => {
  const { server } = dashboard;
  const { page, complaints, goTo } = await dashboard.open();
  await page.context().clearCookies();
  await goTo(`apps/${server.app.id}/connections`);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("button", { name: "Go to…" }).click();
  await page.getByRole("combobox").fill("Log out");
  await page.getByRole("option", { name: /^Log out/ }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.waitForLoadState("networkidle");
  expect(complaints).toEqual([]);
});

test("a deleted webhook is not asked for again", async () => {
  const { server } = dashboard;
  await server.admin("POST", `/apps/${server.app.id}/webhooks`, {
    url: "https://example.com/hook",
    events: ["channel_occupied"],
  });
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/webhooks`);
  await page.getByRole("button", { name: "Delete https://example.com/hook" }).click();
  await page.getByRole("button", { name: "Delete permanently" }).click();
  await page.getByText("There are no webhooks yet").waitFor();
  await page.waitForLoadState("networkidle");
  expect(complaints).toEqual([]);
});

test("a deleted app is not asked for again", async () => {
  const app = await dashboard.server.createApp("Old shop");
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(`apps/${app.id}/settings`);
  await page.getByRole("button", { name: "Delete the app…" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Old shop");
  await page.getByRole("button", { name: "Delete permanently" }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
  await page.waitForLoadState("networkidle");
  expect(await page.getByText("Old shop").count()).toBe(0);
  expect(complaints).toEqual([]);
});

test("polls while a webhook is being deleted do not ask for it", async () => {
  const { server } = dashboard;
  const url = "https://example.com/polled";
  await server.admin("POST", `/apps/${server.app.id}/webhooks`, { url, events: ["channel_occupied"] });
  const { page, complaints, goTo } = await dashboard.openOwn();
  await page.clock.install();
  await goTo(`apps/${server.app.id}/webhooks`);
  await page.getByText("No deliveries yet.").waitFor();
  await pollDuring(page, "DELETE");
  await page.getByRole("button", { name: `Delete ${url}` }).click();
  await page.getByRole("button", { name: "Delete permanently" }).click();
  await page.getByText("There are no webhooks yet").waitFor();
  expect(complaints).toEqual([]);
});

test("polls while a session is being ended ask for nothing", async () => {
  const { server } = dashboard;
  const { page, complaints, goTo } = await dashboard.openOwn();
  await page.context().clearCookies();
  await page.clock.install();
  await goTo(`apps/${server.app.id}/connections`);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByText("No open connections").waitFor();
  await pollDuring(page, "DELETE");
  await page.getByRole("button", { name: "Go to…" }).click();
  await page.getByRole("combobox").fill("Log out");
  await page.getByRole("option", { name: /^Log out/ }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  expect(complaints).toEqual([]);
});
