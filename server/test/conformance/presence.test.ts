/** Presence channels: members are counted by user, not by connection. */
import { expect, test } from "bun:test";
import type { PresenceChannel } from "pusher-js";
import { listen, subscribe, useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });

function join(socketId: string, channel: string, userId: string, info: object | null = null) {
  const member = info === null ? { user_id: userId } : { user_id: userId, user_info: info };
  return stage.backend().authorizeChannel(socketId, channel, member);
}

test("three connections of two users are two members", async () => {
  const name = "presence-lobby";
  const ada = await stage.pusherJs({ userId: "ada" });
  const adaReceived = (await subscribe(ada, name)).received;
  const adaAgain = await stage.pusherJs({ userId: "ada" });
  await subscribe(adaAgain, name);
  const bo = await stage.pusherJs({ userId: "bo" });
  await subscribe(bo, name);

  const added = await adaReceived.next("bo's arrival");
  expect(added.event).toBe("pusher:member_added");
  expect(added.data).toEqual({ id: "bo", info: { name: "The one called bo" } });
  const channel = bo.channel(name) as PresenceChannel;
  expect(channel.members.count).toBe(2);
  expect(channel.members.get("ada").info).toEqual({ name: "The one called ada" });
  expect(channel.members.me.id).toBe("bo");

  const boReceived = listen(channel);
  adaAgain.disconnect();
  ada.unsubscribe(name);
  const removed = await boReceived.next("ada's departure");
  expect(removed).toEqual({
    event: "pusher:member_removed",
    data: { id: "ada", info: { name: "The one called ada" } },
  });
  expect(boReceived.takeAll()).toEqual([]);
  expect(channel.members.count).toBe(1);
});

test("the joining member is in its own list and does not receive its own member_added", async () => {
  const client = await stage.raw();
  const name = "presence-alone";
  const answer = await client.subscribe(name, join(client.socketId, name, "11", { name: "A" }));
  expect(answer).toEqual({ presence: { count: 1, ids: ["11"], hash: { "11": { name: "A" } } } });
  await client.expectNothingMore();
});

test("a numeric user_id is a string for everybody, and a member without info is still a key of the hash", async () => {
  const client = await stage.raw();
  const name = "presence-numbers";
  const numeric = { user_id: 10 } as unknown as { user_id: string };
  const auth = stage.backend().authorizeChannel(client.socketId, name, numeric);
  const answer = await client.subscribe(name, auth);
  expect(answer).toEqual({ presence: { count: 1, ids: ["10"], hash: { "10": null } } });
});

test("member_added is sent for a user's first connection only, and member_removed after the last", async () => {
  const name = "presence-edges";
  const watcher = await stage.raw();
  await watcher.subscribe(name, join(watcher.socketId, name, "watcher"));
  const first = await stage.raw();
  await first.subscribe(name, join(first.socketId, name, "guest", { name: "G" }));
  expect((await watcher.expect("pusher_internal:member_added", name)).json).toEqual({
    user_id: "guest",
    user_info: { name: "G" },
  });
  const second = await stage.raw();
  await second.subscribe(name, join(second.socketId, name, "guest", { name: "G" }));
  first.send({ event: "pusher:unsubscribe", data: { channel: name } });
  await first.expectNothingMore();
  await watcher.expectNothingMore();
  second[Symbol.dispose]();
  expect((await watcher.expect("pusher_internal:member_removed", name)).json).toEqual({ user_id: "guest" });
});

test("presence subscriptions without valid channel_data are refused", async () => {
  const client = await stage.raw();
  const name = "presence-strict";
  for (const channelData of ["{}", '{"user_id":""}', "not json", '{"user_id":{"a":1}}', "[]", "null"]) {
    const auth = stage.auth(`${client.socketId}:${name}:${channelData}`);
    client.send({ event: "pusher:subscribe", data: { channel: name, auth, channel_data: channelData } });
    expect((await client.next()).event).toBe("pusher:subscription_error");
    expect((await client.next()).event).toBe("pusher_internal:subscription_error");
    expect((await client.expectError()).code).toBeNull();
  }
});

test("a full presence channel refuses a new member, but accepts another connection of a member", async () => {
  await stage.changeApp({ settings: { presenceMembersMax: 1 } });
  const name = "presence-full";
  const client = await stage.raw();
  await client.subscribe(name, join(client.socketId, name, "one"));
  const same = await stage.raw();
  await same.subscribe(name, join(same.socketId, name, "one"));
  const other = await stage.raw();
  other.send({
    event: "pusher:subscribe",
    data: { channel: name, ...join(other.socketId, name, "two") },
  });
  const refused = await other.expect("pusher:subscription_error", name);
  expect(refused.json).toMatchObject({ type: "LimitReached" });
});
