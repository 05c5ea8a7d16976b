import { expect, test } from "bun:test";
import { ActivityFeed } from "./activity.ts";

test("listeners of a type run in order, until they are removed", () => {
  const feed = new ActivityFeed();
  const received: string[] = [];
  feed.on("cache_miss", ({ channel }) => received.push(`first ${channel}`));
  const remove = feed.on("cache_miss", ({ channel }) => received.push(`second ${channel}`));
  feed.on("user_online", ({ userId }) => received.push(userId));
  const emit = (channel: string) => feed.emit<"cache_miss">({ type: "cache_miss", appId: "1", channel });
  emit("a");
  remove();
  emit("b");
  feed.emit<"user_offline">({ type: "user_offline", appId: "1", userId: "ada", revision: 1 });
  expect(received).toEqual(["first a", "second a", "first b"]);
});
