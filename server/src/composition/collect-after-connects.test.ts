import { expect, test } from "bun:test";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { ActivityFeed } from "../core/activity.ts";
import { collectAfterConnects } from "./collect-after-connects.ts";

test("garbage is collected after each 1,000 opened connections, of all apps together", () => {
  const activity = new ActivityFeed();
  let opened = 0;
  const collectedAt: number[] = [];
  collectAfterConnects(activity, () => void collectedAt.push(opened));
  for (opened = 1; opened <= 2_500; opened++) {
    const appId = opened % 2 === 0 ? "even" : "odd";
    activity.emit({ type: "connection_opened", appId, connection: fakeConnection("1.1", appId).connection });
  }
  expect(collectedAt).toEqual([1_000, 2_000]);
});
