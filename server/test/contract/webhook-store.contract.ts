/** The contract of every store of webhooks. App 1 exists. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { WebhookStore } from "../../src/core/ports/webhook-store.ts";
import type { Webhook } from "../../src/core/webhooks/webhook.ts";

export function webhookStoreContract(open: () => Promise<WebhookStore>): void {
  describe("webhook store", () => {
    let store: WebhookStore;

    beforeEach(async () => {
      store = await open();
    });

    test("a webhook is returned as it was saved, and again after a save without a change", async () => {
      expect(await store.create(someWebhook, 1)).toBe(true);
      expect(await store.list()).toEqual([someWebhook]);
      const disabled = { ...someWebhook, isEnabled: false, disabledReason: "answered 410" };
      expect(await store.save(disabled)).toBe(true);
      expect(await store.save(disabled)).toBe(true);
      expect(await store.list()).toEqual([disabled]);
    });

    test("an app's number of webhooks is limited, and another app's webhooks are not accessible", async () => {
      await store.create(someWebhook, 1);
      expect(await store.create({ ...someWebhook, id: "w2" }, 1)).toBe(false);
      expect(await store.save({ ...someWebhook, appId: "2" })).toBe(false);
      expect(await store.delete("2", "w1")).toBe(false);
      expect(await store.delete("1", "w1")).toBe(true);
      expect(await store.delete("1", "w1")).toBe(false);
      expect(await store.save(someWebhook)).toBe(false);
    });

    test("a webhook is disabled only with the URL that it has, and only if it is enabled", async () => {
      await store.create(someWebhook, 1);
      const { id, url } = someWebhook;
      expect(await store.disable({ id: "w2", url }, "gone")).toBe(false);
      expect(await store.disable({ id, url: `${url}/old` }, "gone")).toBe(false);
      expect(await store.list()).toEqual([someWebhook]);
      const before = await store.version();
      expect(await store.disable({ id, url }, "gone")).toBe(true);
      expect(await store.disable({ id, url }, "gone again")).toBe(false);
      expect(await store.list()).toEqual([{ ...someWebhook, isEnabled: false, disabledReason: "gone" }]);
      expect(await store.version()).toBeGreaterThan(before);
    });

    test("of two nodes that create the same webhook at the same time one does", async () => {
      const created = await Promise.all([store.create(someWebhook, 10), store.create(someWebhook, 10)]);
      expect(created.sort()).toEqual([false, true]);
      expect(await store.list()).toEqual([someWebhook]);
    });

    test("webhooks are listed oldest first", async () => {
      await store.create({ ...someWebhook, id: "w9", createdAtMs: 1 }, 10);
      await store.create({ ...someWebhook, id: "w1", createdAtMs: 2 }, 10);
      expect((await store.list()).map(({ id }) => id)).toEqual(["w9", "w1"]);
    });

    test("each change of a webhook increases the version", async () => {
      const versions = [await store.version()];
      await store.create(someWebhook, 1);
      versions.push(await store.version());
      await store.save({ ...someWebhook, isEnabled: false });
      versions.push(await store.version());
      await store.delete("1", "w1");
      versions.push(await store.version());
      expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
    });

    test("localhost is allowed only after somebody allowed it", async () => {
      const states = [await store.isLocalhostAllowed()];
      for (const isAllowed of [true, false]) {
        await store.allowLocalhost(isAllowed);
        states.push(await store.isLocalhostAllowed());
      }
      expect(states).toEqual([false, true, false]);
    });
  });
}

export const someWebhook: Webhook = {
  id: "w1",
  appId: "1",
  url: "https://example.com/hook",
  events: ["channel_occupied"],
  filters: { prefix: ["a"], suffix: [], glob: [] },
  headers: { authorization: "Bearer x" },
  isBatching: true,
  isEnabled: true,
  disabledReason: null,
  createdAtMs: 7,
};
