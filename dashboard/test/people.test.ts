import { afterEach, expect, test } from "bun:test";
import { type RunningServer, startServer } from "../../server/test/support/start-server.ts";
import { sharedDashboard, startOwnedServer, testBrowser } from "./test-dashboard.ts";

const { openDashboard, openPage } = testBrowser();
const dashboard = sharedDashboard();
/** Of the tests that need their own. */
let server: RunningServer | null = null;
afterEach(async () => {
  await server?.remove();
  server = null;
});

test("the setup link creates the owner, once", async () => {
  const started = await startServer();
  server = started;
  const link = /https?:\S+\/dashboard\/setup#\S+?(?=["\s])/.exec(started.log)?.[0] ?? "";
  const { page } = await openPage(started);
  await page.goto(link);
  await page.getByLabel("E-mail").fill("grace@example.com");
  await page.getByLabel("Your name").fill("Grace Hopper");
  await page.getByLabel("Password").fill("a few good words");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();

  const second = await openPage(started);
  await second.page.goto(link);
  await second.page.getByRole("alert").waitFor();
});

test("an invited viewer cannot see secrets or change anything, neither on the page nor through the API", async () => {
  const owner = await dashboard.open();
  await owner.goTo("team");
  await owner.page.getByRole("button", { name: "Invite" }).click();
  await owner.page.getByLabel("E-mail").fill("viewer@example.com");
  await owner.page.getByLabel("Role", { exact: true }).selectOption("viewer");
  await owner.page.getByRole("button", { name: "Create the link" }).click();
  const link = await owner.page.getByText("/dashboard/invitation#").textContent();

  const { page, goTo } = await dashboard.openPage();
  await page.goto(link?.trim() ?? "");
  await page.getByLabel("Your name").fill("Vera Viewer");
  await page.getByLabel("Password").fill("a few good words");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
  expect(await page.getByRole("button", { name: "New app" }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Team" }).count()).toBe(0);
  await goTo(`apps/${dashboard.server.app.id}/settings`);
  await page.getByText("No permission").first().waitFor();
  const status = await page.evaluate(async (path) => {
    const { csrfToken } = await (await fetch("/api/v1/session")).json();
    return (await fetch(path, { method: "POST", headers: { "x-csrf-token": csrfToken } })).status;
  }, `/api/v1/apps/${dashboard.server.app.id}/secrets/rotate`);
  expect(status).toBe(403);

  const late = await dashboard.openPage();
  await late.page.goto(link?.trim() ?? "");
  await late.page.getByText("This link was used, withdrawn or has expired").waitFor();
  await late.page.getByRole("heading", { name: "Welcome to Soketify" }).waitFor();
  expect(await late.page.getByRole("button", { name: "Try again" }).count()).toBe(0);
  await late.page.getByRole("link", { name: "log in" }).click();
  await late.page.getByRole("heading", { name: "Log in" }).waitFor();
});

test("revoking a token needs a confirmation", async () => {
  await dashboard.server.admin("POST", "/tokens", { name: "deploy script", scopes: ["read"] });
  const { page, goTo } = await dashboard.open();
  await goTo("tokens");
  const row = page.getByRole("row").filter({ hasText: "deploy script" });
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Keep the token" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await row.count()).toBe(1);

  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke the token" }).click();
  await row.waitFor({ state: "detached" });
});

test("ending a session logs it out, and so does the log-out button", async () => {
  const started = await startOwnedServer();
  server = started;
  const here = await openDashboard(started);
  const there = await openDashboard(started);
  await here.goTo("account");
  await here.page.getByRole("button", { name: "End", exact: true }).click();
  await here.page.getByRole("button", { name: "End", exact: true }).waitFor({ state: "hidden" });
  await there.page.reload();
  await there.page.getByRole("heading", { name: "Log in" }).waitFor();

  await here.page.getByRole("button", { name: "Log out" }).click();
  await here.page.getByRole("heading", { name: "Log in" }).waitFor();
});
