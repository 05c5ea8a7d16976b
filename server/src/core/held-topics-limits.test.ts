import { expect, test } from "bun:test";
import { heldBytesMax, startProtocol } from "../../test/support/protocol-stage.ts";
import { newApp } from "./apps/new-app.ts";
import { HeldTopics } from "./held-topics.ts";
import { NodeTopics } from "./node-topics.ts";

const holdMs = 25;

test("all waiting events of an app are sent once all apps exceed the total limit", async () => {
  const stage = startProtocol();
  const frame = `"${"x".repeat(heldBytesMax.perApp - 2)}"`;
  const settings = { eventHoldMsMax: holdMs };
  for (const id of ["2", "3"]) stage.registry.replace(newApp({ id, settings }, "somebody", 0));
  const topics = new HeldTopics(new NodeTopics(stage.topics), stage, heldBytesMax);
  /** The first is sent immediately, the others wait. */
  const send = (appId: string, count: number) => {
    for (let sent = 0; sent < count; sent++) topics.publish(appId, "news", frame, null);
  };
  send("2", 2);
  stage.topics.published = 0;
  send("3", 2);
  expect(stage.topics.published).toBe(2);
  stage.clock.advance(holdMs);
  expect(stage.topics.published).toBe(3);
  stage.clock.advance(holdMs);
  send("3", 2);
  expect(stage.topics.published).toBe(4);
});
