import { expect, test } from "bun:test";
import { somebody, startManagement } from "../../test/support/management.ts";
import { createLocalhostWebhooks } from "./localhost-webhooks.ts";

function localhostOf(publicHost: string | null, management = startManagement()) {
  const { webhookStore, inOneTransaction } = management;
  return { management, localhost: createLocalhostWebhooks(webhookStore, inOneTransaction, publicHost) };
}

test("webhooks to this computer are not allowed until somebody allows them, which the audit log records", async () => {
  const { localhost, management } = localhostOf(null);
  expect([await localhost.isAllowed(), localhost.problem]).toEqual([false, null]);
  await localhost.change(somebody, true);
  await localhost.change(somebody, true);
  expect(await localhost.isAllowed()).toBe(true);
  await localhost.change(somebody, false);
  expect(await localhost.isAllowed()).toBe(false);
  const changes = management.audit.rows.filter(({ action }) => action === "webhook.localhost");
  expect(changes).toMatchObject([
    { before: { isAllowed: false }, after: { isAllowed: true } },
    { before: { isAllowed: true }, after: { isAllowed: false } },
  ]);
});

test("a server that other computers may reach refuses to allow them, and forgets no earlier permission", async () => {
  const { localhost, management } = localhostOf(null);
  await localhost.change(somebody, true);
  const open = localhostOf("0.0.0.0", management).localhost;
  expect(await open.isAllowed()).toBe(false);
  await expect(open.change(somebody, true)).rejects.toMatchObject({
    code: "webhook_refused",
    message: expect.stringContaining("listens on 0.0.0.0"),
  });
  await open.change(somebody, false);
  expect(await localhost.isAllowed()).toBe(false);
});
