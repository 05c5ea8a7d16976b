import { expect, test } from "bun:test";
import { nobody } from "../../test/support/net/from-nowhere.ts";
import { type FakeClient, type Stage, startProtocol } from "../../test/support/protocol-stage.ts";
import { createDeliverLine } from "./deliver-line.ts";

test("an entry for a channel or a user without receivers on this node reaches no topic", () => {
  const stage = startProtocol({ settings: { subscriptionCountEnabled: true } });
  const line = createDeliverLine(stage, stage.activity);
  line.memberAdded("1", "presence-a", { userId: "ada", infoJson: null });
  line.memberRemoved("1", "presence-a", "ada");
  line.subscriptionCount("1", "news", 3);
  line.userOnline("1", "ada", true);
  expect(stage.topics.published).toBe(0);
});

/** Publishes an event to `news` that the client must not receive. Returns how many connections received it. */
async function publishExcept(stage: Stage, { connection }: FakeClient): Promise<number | null> {
  const event = { name: "e", data: "d", channels: ["news"], exceptSocketId: connection.socketId };
  return (await stage.stack.publish.send(stage.app(), event, nobody)).recipients;
}

test("the excluded connection is subtracted from the receivers only if it is subscribed", async () => {
  const stage = startProtocol();
  const [one, two] = [stage.connect(), stage.connect()];
  await one.subscribe("news");
  expect(await publishExcept(stage, two)).toBe(1);
  await two.subscribe("news");
  expect(await publishExcept(stage, two)).toBe(1);
  await one.unsubscribe("news");
  expect(await publishExcept(stage, two)).toBe(0);
});

test("an event reaches the others while the excluded connection is closed and not yet cleaned up", async () => {
  const stage = startProtocol();
  const [one, two] = [stage.connect(), stage.connect()];
  for (const client of [one, two]) await client.subscribe("news");
  one.received();
  two.socket.close(1006, "");
  await publishExcept(stage, two);
  expect(one.received()).toEqual([{ event: "e", channel: "news", data: "d" }]);
});
