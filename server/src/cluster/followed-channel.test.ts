import { beforeEach, expect, test } from "bun:test";
import { RecordedLine } from "../../test/support/fakes/recorded-line.ts";
import { FollowedChannel } from "./followed-channel.ts";
import { encodeMember, entryOf } from "./redis-line.ts";

const event = { frame: '{"event":"a"}', exceptSocketId: "1.2", userId: "ada" };
let line: RecordedLine;
let channel: FollowedChannel;

beforeEach(() => {
  line = new RecordedLine();
  channel = new FollowedChannel(
    { appId: "1", name: "presence-a", key: "key" },
    () => line,
    ({ sequence }) => sequence === 7,
  );
});

test("an event from the line reaches this node's subscribers, unless it was delivered here before", () => {
  expect(channel.handle(entryOf(event, { nodeId: "there", sequence: 1 }))).toBe(true);
  expect(channel.handle(entryOf(event, { nodeId: "here", sequence: 7 }))).toBe(true);
  expect(line.received).toEqual([{ what: "event", appId: "1", channel: "presence-a", value: event }]);
});

test("members and counts from the line reach this node's subscribers", () => {
  const member = { userId: "ada", infoJson: null };
  channel.handle(`+${encodeMember(member)}`);
  channel.handle(`-${encodeMember(member)}`);
  channel.handle("#3");
  expect(line.received.map(({ what }) => what)).toEqual(["added", "removed", "count"]);
});

test("an entry of a kind that only a newer node knows is reported as ignored", () => {
  expect(channel.handle("?new")).toBe(false);
  expect(line.received).toEqual([]);
});
