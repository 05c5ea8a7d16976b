import { expect, test } from "bun:test";
import { MemoryWebhookStore } from "../../test/support/fakes/memory-webhook-store.ts";
import { someWebhook } from "../../test/support/fakes/some-webhook.ts";
import { WebhookDirectory } from "./webhook-directory.ts";

/** A store that returns its first list only when the test calls `answer`. */
function slowStore() {
  const store = new MemoryWebhookStore();
  const list = store.list.bind(store);
  const begun = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  let lists = 0;
  store.list = async () => {
    lists += 1;
    const isFirst = lists === 1;
    const webhooks = await list();
    if (!isFirst) return webhooks;
    begun.resolve();
    await answer.promise;
    return webhooks;
  };
  return { store, begun: begun.promise, answer: answer.resolve };
}

test("a slow read does not undo a newer one", async () => {
  const { store, begun, answer } = slowStore();
  await store.create(someWebhook, 10);
  const directory = new WebhookDirectory(store);
  const slow = directory.refresh();
  await begun;
  await store.create({ ...someWebhook, id: "w2", events: ["client_event"] }, 10);
  await directory.refresh();
  answer();
  await slow;
  expect(directory.ofApp("1").map(({ id }) => id)).toEqual(["w1", "w2"]);
  expect(directory.watches("1", "client_event")).toBe(true);
});

test("a slow read does not undo a change that an earlier one found", async () => {
  const { store, begun, answer } = slowStore();
  await store.create(someWebhook, 10);
  const directory = new WebhookDirectory(store);
  const version = store.version.bind(store);
  const asked = Promise.withResolvers<void>();
  store.version = async () => {
    store.version = version;
    await asked.promise;
    return version();
  };
  const first = directory.refresh();
  const slow = directory.refresh();
  await begun;
  await store.save({ ...someWebhook, url: "https://example.com/new" });
  asked.resolve();
  await first;
  await directory.refresh();
  answer();
  await slow;
  expect(directory.find("w1")?.url).toBe("https://example.com/new");
});
