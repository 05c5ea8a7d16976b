/** Developers and their apps, from the invitation on. */
import { beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { type OpenPage, testDashboard } from "./test-dashboard.ts";

const dashboard = testDashboard();
const password = "a few good words";
beforeAll(async () => {
  for (const name of ["Shop", "Chat"]) await dashboard.server.admin("POST", "/apps", { name });
});

/** Invites a person with these choices in the owner's page, and returns the link. */
async function invite(page: Page, email: string, choose: () => Promise<void>): Promise<string> {
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByLabel("E-mail").fill(email);
  await choose();
  await page.getByRole("button", { name: "Create the link" }).click();
  const link = await page.getByText("/dashboard/invitation#").textContent();
  await page.getByRole("button", { name: "Done" }).click();
  return link?.trim() ?? "";
}

async function join(link: string, name: string) {
  const opened = await dashboard.openPage();
  await opened.page.goto(link);
  await opened.page.getByLabel("Your name").fill(name);
  await opened.page.getByLabel("Password").fill(password);
  await opened.page.getByRole("button", { name: "Create the account" }).click();
  await opened.page.getByRole("heading", { name: "Apps" }).waitFor();
  return opened;
}

/** A person who lost an app was logged out. */
async function logInAgain({ page, goTo }: OpenPage, email: string): Promise<void> {
  await goTo("apps");
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
}

/** Waits until the list shows exactly these apps. */
async function seesApps({ page, goTo }: OpenPage, names: readonly string[]) {
  await goTo("apps");
  for (const name of names) await page.getByRole("link", { name }).waitFor();
  for (const name of ["Shop", "Chat"].filter((one) => !names.includes(one)))
    expect(await page.getByRole("link", { name }).count()).toBe(0);
}

test("a developer is invited to one app and gets another later", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("team");
  const link = await invite(page, "dev@example.com", async () => {
    await page.getByText("If no app is selected, the person sees no apps").waitFor();
    await page.getByRole("checkbox", { name: "Shop" }).check();
  });
  const invitation = page.getByRole("table", { name: "Invitations" }).getByRole("row", { name: "dev@" });
  await invitation.getByText("Shop", { exact: true }).waitFor();

  const developer = await join(link, "Dev");
  await seesApps(developer, ["Shop"]);
  await developer.page.getByRole("link", { name: "Shop" }).click();
  await developer.page
    .getByRole("navigation", { name: "App" })
    .getByRole("link", { name: "Settings" })
    .click();
  await developer.page.getByRole("button", { name: "Reveal the secret" }).waitFor();

  await page.reload();
  await page.getByRole("button", { name: "Change role of Dev" }).click();
  expect(await page.getByRole("checkbox", { name: "Shop" }).isChecked()).toBe(true);
  await page.getByRole("checkbox", { name: "Shop" }).uncheck();
  await page.getByRole("checkbox", { name: "Chat" }).check();
  await page.getByRole("button", { name: "Save the role" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("row", { name: "Dev" }).getByText("Chat", { exact: true }).waitFor();
  await logInAgain(developer, "dev@example.com");
  await seesApps(developer, ["Chat"]);
});

test("a viewer becomes a developer of selected apps, then a viewer of some, and is removed after a confirmation", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("team");
  const link = await invite(page, "alan@example.com", async () => {
    await page.getByLabel("Role", { exact: true }).selectOption("viewer");
  });
  const person = await join(link, "Alan");
  await seesApps(person, ["Shop", "Chat"]);

  const changeTo = async (role: string, choose: () => Promise<void>) => {
    await page.getByRole("button", { name: "Change role of Alan" }).click();
    await page.getByLabel("Role", { exact: true }).selectOption(role);
    await choose();
    await page.getByRole("button", { name: "Save the role" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("row", { name: "Alan" }).getByText(role, { exact: true }).waitFor();
  };
  await page.reload();
  await changeTo("developer", () => page.getByRole("checkbox", { name: "Chat" }).check());
  await logInAgain(person, "alan@example.com");
  await seesApps(person, ["Chat"]);
  await changeTo("viewer", async () => {
    await page.getByLabel("Only selected apps").check();
    await page.getByRole("checkbox", { name: "Shop" }).check();
  });
  await logInAgain(person, "alan@example.com");
  await seesApps(person, ["Shop"]);

  await page.getByRole("button", { name: "Remove Alan" }).click();
  await page.getByRole("button", { name: "Keep the account" }).click();
  await page.getByRole("button", { name: "Remove Alan" }).click();
  await page.getByRole("button", { name: "Remove the account" }).click();
  await page.getByRole("row", { name: "Alan" }).waitFor({ state: "detached" });
  await person.page.reload();
  await person.page.getByRole("heading", { name: "Log in" }).waitFor();
});

test("withdrawing an invitation needs a confirmation, and an error is shown", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("team");
  const link = await invite(page, "late@example.com", () => Promise.resolve());
  const row = page.getByRole("table", { name: "Invitations" }).getByRole("row", { name: "late@" });
  const dialog = page.getByRole("dialog", { name: "Withdraw the invitation?" });
  await row.getByRole("button", { name: "Withdraw" }).click();
  await dialog.getByRole("button", { name: "Keep the invitation" }).click();
  await dialog.waitFor({ state: "detached" });

  const path = "**/api/v1/people/invitations/*";
  await page.route(path, (route) => route.fulfill({ status: 502, body: "Bad gateway" }));
  await row.getByRole("button", { name: "Withdraw" }).click();
  await dialog.getByRole("button", { name: "Withdraw the invitation" }).click();
  await dialog.getByRole("alert").getByText("The server answered 502").waitFor();
  await page.unroute(path);
  await dialog.getByRole("button", { name: "Withdraw the invitation" }).click();
  await row.waitFor({ state: "detached" });

  const { page: invited } = await dashboard.openPage();
  await invited.goto(link);
  await invited.getByRole("alert").waitFor();
});
