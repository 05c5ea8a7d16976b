/** Webhooks to localhost are allowed and forbidden in the page, on a server that listens on loopback only. */
import { expect, test } from "bun:test";
import { startServer } from "../../server/test/support/start-server.ts";
import { startWebhookReceiver } from "../../server/test/support/webhook-receiver.ts";
import { violationsOf } from "./accessibility.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();

test("webhooks to localhost are refused, allowed in the page and recorded, and forbidden again", async () => {
  const { server } = dashboard;
  const receiver = startWebhookReceiver({ ...server.app });
  try {
    const { page, goTo } = await dashboard.open();
    await goTo(`apps/${server.app.id}/webhooks`);
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "New webhook" }).click();
    await dialog.getByLabel("URL").fill(receiver.url);
    await dialog.getByRole("button", { name: "Create the webhook" }).click();
    await dialog.getByText("which is not a public address").waitFor();
    await page.keyboard.press("Escape");

    await page.getByText("This server listens only on this computer.").waitFor();
    await page.getByRole("button", { name: "Allow webhooks to localhost" }).click();
    const forbid = page.getByRole("button", { name: "Forbid webhooks to localhost" });
    await forbid.waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "New webhook" }).click();
    await dialog.getByLabel("URL").fill(receiver.url);
    await dialog.getByRole("button", { name: "Create the webhook" }).click();
    const trial = page.getByRole("button", { name: `Test ${receiver.url}` });
    await trial.click();
    await page.getByText("Test delivered: 200").waitFor();

    await forbid.click();
    await page.getByRole("button", { name: "Allow webhooks to localhost" }).waitFor();
    await trial.click();
    await page.getByText("Test failed").waitFor();
    expect((await receiver.eventCount(1)).length).toBe(1);
    await goTo("audit?search=webhook.localhost");
    await page.getByText("2 entries", { exact: true }).waitFor();
  } finally {
    await receiver.stop();
  }
});

test("a server that other computers may reach does not allow webhooks to localhost, and says why", async () => {
  const server = await startServer({ env: { SOKETIFY_HOST: "0.0.0.0" } });
  try {
    const problem = expect.stringContaining("the server listens on 0.0.0.0");
    expect(await server.admin("GET", "/localhost-webhooks")).toEqual({ isAllowed: false, problem });
    const answer = await fetch(`${server.adminUrl}/api/v1/localhost-webhooks`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${server.adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({ isAllowed: true }),
    });
    expect([answer.ok, await answer.json()]).toEqual([
      false,
      expect.objectContaining({ code: "webhook_refused", detail: problem }),
    ]);
  } finally {
    await server.remove();
  }
});
