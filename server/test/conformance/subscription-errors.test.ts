/** A refused subscription is reported where the SDKs expect it, with the reason. */
import { expect, test } from "bun:test";
import { listen, useServer } from "../support/use-server.ts";
import type { WireClient } from "../support/wire-client.ts";

const stage = useServer({ isShared: true });

async function refusal(
  client: WireClient,
  data: object,
): Promise<{ error: string; type: string; status: number }> {
  client.send({ event: "pusher:subscribe", data });
  const first = await client.expect("pusher:subscription_error");
  const twin = await client.expect("pusher_internal:subscription_error");
  const general = await client.expectError();
  const answer = first.json as { error: string; type: string; status: number };
  expect(twin.json).toEqual(answer);
  expect(general).toEqual({ code: null, message: answer.error });
  return answer;
}

test("a wrong signature is reported on the channel and on the connection, with the text that must be signed", async () => {
  const client = await stage.raw();
  const { key } = stage.server.app;
  const answer = await refusal(client, { channel: "private-a", auth: `${key}:feed` });
  expect(answer.type).toBe("AuthError");
  expect(answer.status).toBe(401);
  expect(answer.error).toBe(
    `Invalid signature: Expected HMAC SHA256 hex digest of ${client.socketId}:private-a, but got feed`,
  );
  const member = await refusal(client, {
    channel: "presence-a",
    auth: `${key}:feed`,
    channel_data: '{"user_id":"1"}',
  });
  expect(member.error).toContain(`${client.socketId}:presence-a:{"user_id":"1"}, but got feed`);
});

test("the error names the key of another app in the auth", async () => {
  const client = await stage.raw();
  const answer = await refusal(client, { channel: "private-a", auth: "abc:feed" });
  expect(answer.error).toBe("Invalid key in subscription auth data: 'abc'");
});

test("a missing auth, and a signature for another socket or channel, are refused", async () => {
  const client = await stage.raw();
  const other = await stage.raw();
  await refusal(client, { channel: "private-a" });
  await refusal(client, { channel: "private-a", auth: "" });
  await refusal(client, { channel: "private-a", auth: "no colon" });
  await refusal(client, {
    channel: "private-a",
    ...stage.backend().authorizeChannel(other.socketId, "private-a"),
  });
  await refusal(client, {
    channel: "private-a",
    ...stage.backend().authorizeChannel(client.socketId, "private-b"),
  });
});

test("a channel name that is empty, too long, or has an invalid character is refused", async () => {
  const client = await stage.raw();
  for (const channel of [
    "",
    "a".repeat(201),
    "white space",
    "slash/",
    "émile",
    "#private",
    "#server-to-user-",
  ]) {
    await refusal(client, { channel });
  }
  await client.subscribe("a".repeat(200));
  await client.subscribe("-A_z=@,.;9");
});

test("pusher-js receives a refused subscription on the channel and on the connection", async () => {
  const client = await stage.pusherJs({ userId: "impostor" });
  const general = new Promise((resolve) => client.connection.bind("error", resolve));
  const received = listen(client.subscribe("private-wrong"));
  const refused = await received.nextWhere(
    "the refusal",
    ({ event }) => event === "pusher:subscription_error",
  );
  expect(refused.data).toMatchObject({ type: "AuthError", status: 401 });
  expect(await general).toMatchObject({ type: "PusherError", data: { code: null } });
});

test("a 403 of the auth endpoint is reported on the channel", async () => {
  const client = await stage.pusherJs({ userId: "nobody" });
  const received = listen(client.subscribe("private-a"));
  const refused = await received.next("the refusal");
  expect(refused.event).toBe("pusher:subscription_error");
  expect(refused.data).toMatchObject({ type: "AuthError", status: 403 });
});

test("a repeated subscription and an unknown unsubscription get an error, and change nothing", async () => {
  const client = await stage.raw();
  await client.subscribe("twice");
  client.send({ event: "pusher:subscribe", data: { channel: "twice" } });
  expect(await client.expectError()).toEqual({
    code: null,
    message: "Existing subscription to channel twice",
  });
  client.send({ event: "pusher:unsubscribe", data: { channel: "never" } });
  expect(await client.expectError()).toEqual({
    code: null,
    message: "No current subscription to channel never, or subscription in progress",
  });
  await stage.backend().trigger("twice", "once", {});
  await client.expect("once");
  await client.expectNothingMore();
});

test("data may be a string of JSON, and auth may be empty on a public channel", async () => {
  const client = await stage.raw();
  client.send({ event: "pusher:subscribe", data: JSON.stringify({ channel: "stringy", auth: "" }) });
  await client.expect("pusher_internal:subscription_succeeded", "stringy");
});

test("a channel above a connection's maximum is refused", async () => {
  await stage.changeApp({ settings: { channelsPerConnectionMax: 2 } });
  const client = await stage.raw();
  await client.subscribe("one");
  await client.subscribe("two");
  expect((await refusal(client, { channel: "three" })).type).toBe("LimitReached");
  client.send({ event: "pusher:unsubscribe", data: { channel: "two" } });
  await client.subscribe("three");
});
