/** Logins with an authenticator's code, a backup code, and OpenID Connect. */
import { afterEach, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { OidcIssuer } from "../../server/test/support/oidc-issuer.ts";
import type { RunningServer } from "../../server/test/support/start-server.ts";
import { totp } from "../../server/test/support/totp.ts";
import { owner, startOwnedServer, testBrowser } from "./test-dashboard.ts";

const { openDashboard, openPage } = testBrowser();
let server: RunningServer | null = null;
let issuer: OidcIssuer | null = null;
afterEach(async () => {
  await server?.remove();
  issuer?.stop();
  server = null;
  issuer = null;
});

async function logOut(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
}

async function givePassword(page: Page): Promise<void> {
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("heading", { name: "Second factor" }).waitFor();
}

test("a second factor is set up, required at each login, and turned off", async () => {
  server = await startOwnedServer();
  const { page, complaints, hosts, goTo } = await openDashboard(server);
  await goTo("account");
  await page.getByLabel("Your password").fill(owner.password);
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByRole("img", { name: "QR code" }).waitFor();
  const copied = async (name: string) => {
    await page.getByRole("button", { name }).click();
    await page.getByText("Copied", { exact: true }).waitFor({ state: "attached" });
    const text = await page.evaluate(() => navigator.clipboard.readText());
    await page.getByText("Copied", { exact: true }).waitFor({ state: "detached" });
    return text;
  };
  const secret = await copied("Copy the authenticator key");
  const [backupCode = "", secondBackupCode = ""] = (await copied("Copy the backup codes")).split("\n");
  await page.getByLabel("6-digit code").fill(totp(secret));
  await page.getByRole("button", { name: "Turn it on" }).click();
  await page.getByRole("button", { name: "Turn it off" }).waitFor();
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([new URL(server.httpUrl).host]);

  await logOut(page);
  await givePassword(page);
  const code = totp(secret, 1);
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Account" }).waitFor();

  await logOut(page);
  await givePassword(page);
  await page.getByLabel("6-digit code").fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("This code was used before: wait for the next one").waitFor();

  await page.reload();
  await page.getByRole("heading", { name: "Second factor" }).waitFor();
  await page.getByRole("button", { name: "Use a backup code" }).click();
  await page.getByLabel("Backup code").fill(backupCode);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Account" }).waitFor();

  await goTo("account");
  const turnOff = async (code: string) => {
    await page.getByLabel("Your password").fill(owner.password);
    await page.getByLabel("6-digit code from your authenticator, or a backup code").fill(code);
    await page.getByRole("button", { name: "Turn it off" }).click();
  };
  await turnOff("000-000");
  await page.getByText("The code is wrong").waitFor();
  await turnOff(secondBackupCode);
  await page.getByRole("button", { name: "Set it up" }).waitFor();
  await logOut(page);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("heading", { name: "Account" }).waitFor();
});

test("an OIDC login opens the dashboard, and a rejected one shows the reason", async () => {
  issuer = new OidcIssuer();
  server = await startOwnedServer(
    {
      SOKETIFY_OIDC_ISSUER: issuer.url,
      SOKETIFY_OIDC_CLIENT_ID: issuer.clientId,
      SOKETIFY_OIDC_CLIENT_SECRET: "client-secret",
      SOKETIFY_OIDC_NAME: "Staff login",
    },
    { isUrlKnown: true },
  );
  const { page, complaints, goTo } = await openPage(server);
  await goTo("");
  const logInElsewhere = () => page.getByRole("button", { name: "Log in with Staff login" }).click();

  issuer.visitor = { sub: "8", email: "stranger@example.com", email_verified: true };
  await logInElsewhere();
  await page.getByText("No account has the e-mail address that Staff login sent").waitFor();
  issuer.visitor = { sub: "9", email: owner.email, email_verified: false };
  await logInElsewhere();
  await page.getByText("Staff login has not verified your e-mail address").waitFor();
  issuer.visitor = null;
  await logInElsewhere();
  await page.getByText("Staff login rejected the login, or it was cancelled").waitFor();

  issuer.visitor = { sub: "7", email: owner.email, email_verified: true };
  await logInElsewhere();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByText(owner.email).first().waitFor();
  expect(complaints).toEqual([]);
});
