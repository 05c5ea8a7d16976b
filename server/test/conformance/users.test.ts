/** Signed-in users: events for one user, watchlists, and terminating a user's connections. */
import { expect, test } from "bun:test";
import type PusherJs from "pusher-js";
import { until, within } from "../support/until.ts";
import { listen, useServer } from "../support/use-server.ts";
import type { WireClient } from "../support/wire-client.ts";

const stage = useServer({ isShared: true });

async function signIn(client: WireClient, user: { id: string; watchlist?: string[]; user_info?: object }) {
  client.send({ event: "pusher:signin", data: stage.backend().authenticateUser(client.socketId, user) });
  return client.expect("pusher:signin_success");
}

function signedIn(client: PusherJs): Promise<unknown> {
  const success = new Promise((resolve) => client.bind("pusher:signin_success", resolve));
  client.signin();
  return within("the sign-in", success);
}

test("a user signs in with pusher-js and receives events that the backend sends to that user", async () => {
  const ada = await stage.pusherJs({ userId: "ada" });
  await signedIn(ada);
  const other = await stage.raw();
  await signIn(other, { id: "bo" });
  await other.subscribe("#server-to-user-bo");
  await until("the user's own channel", () => ada.user.serverToUserChannel?.subscribed);
  const received = listen(ada.user);
  const own = await stage.raw();
  await signIn(own, { id: "ada" });
  await own.subscribe("#server-to-user-ada");
  const answer = await stage.backend().sendToUser("ada", "invoice", { total: 3 });
  expect(await answer.text()).toBe("{}");
  const event = await received.nextWhere("the user's event", ({ event }) => event === "invoice");
  expect(event.data).toEqual({ total: 3 });
  expect(await own.next()).toEqual({
    event: "invoice",
    channel: "#server-to-user-ada",
    data: '{"total":3}',
  });
  await other.expectNothingMore();
});

test("a successful sign-in returns user_data unchanged", async () => {
  const client = await stage.raw();
  const success = await signIn(client, { id: "7", user_info: { name: "é" } });
  const userData = (success.json as { user_data: string }).user_data;
  expect(JSON.parse(userData)).toEqual({ id: "7", user_info: { name: "é" } });
});

test("a server-to-user channel accepts only its own user", async () => {
  const client = await stage.raw();
  client.send({ event: "pusher:subscribe", data: { channel: "#server-to-user-ada", auth: "" } });
  await client.expect("pusher:subscription_error", "#server-to-user-ada");
  await client.expect("pusher_internal:subscription_error");
  await client.expectError();
  await signIn(client, { id: "bo" });
  client.send({ event: "pusher:subscribe", data: { channel: "#server-to-user-ada", auth: "" } });
  await client.expect("pusher:subscription_error", "#server-to-user-ada");
});

test("a sign-in with a wrong signature, no id, a numeric id, or as a second person is refused", async () => {
  const client = await stage.raw();
  const { key } = stage.server.app;
  client.send({ event: "pusher:signin", data: { auth: `${key}:0123`, user_data: '{"id":"1"}' } });
  expect((await client.expectError()).message).toContain("Invalid signature");
  for (const userData of ['{"id":""}', '{"id":5}', "{}", "[]", "nonsense"]) {
    const auth = stage.auth(`${client.socketId}::user::${userData}`);
    client.send({ event: "pusher:signin", data: { auth, user_data: userData } });
    await client.expectError();
  }
  await signIn(client, { id: "first" });
  client.send({
    event: "pusher:signin",
    data: stage.backend().authenticateUser(client.socketId, { id: "second" }),
  });
  await client.expectError();
});

test("a presence channel uses the signed-in user if channel_data is absent", async () => {
  const client = await stage.raw();
  await signIn(client, { id: "ada", user_info: { name: "Ada" } });
  const auth = stage.auth(`${client.socketId}:presence-signed-in`);
  const answer = await client.subscribe("presence-signed-in", { auth });
  expect(answer).toEqual({ presence: { count: 1, ids: ["ada"], hash: { ada: { name: "Ada" } } } });
});

test("a watchlist reports who is online, and then each change", async () => {
  await stage.changeApp({ settings: { watchlistEnabled: true } });
  const bo = await stage.raw();
  await signIn(bo, { id: "w-bo" });
  const ada = await stage.pusherJs({ userId: "w-ada", watchlist: ["w-bo", "w-cy"] });
  const received = listen(ada.user.watchlist);
  await signedIn(ada);
  expect(await received.next("who is online")).toEqual({
    event: "online",
    data: { name: "online", user_ids: ["w-bo"] },
  });
  const cy = await stage.raw();
  await signIn(cy, { id: "w-cy" });
  const cyAgain = await stage.raw();
  await signIn(cyAgain, { id: "w-cy" });
  expect((await received.nextWhere("cy's arrival", ({ event }) => event === "online")).data).toEqual({
    name: "online",
    user_ids: ["w-cy"],
  });
  cy[Symbol.dispose]();
  bo[Symbol.dispose]();
  expect((await received.nextWhere("bo's departure", ({ event }) => event === "offline")).data).toEqual({
    name: "offline",
    user_ids: ["w-bo"],
  });
  cyAgain[Symbol.dispose]();
  expect((await received.nextWhere("cy's departure", ({ event }) => event === "offline")).data).toEqual({
    name: "offline",
    user_ids: ["w-cy"],
  });
});

test("a watchlist of more than a hundred is truncated and answered with 4302", async () => {
  await stage.changeApp({ settings: { watchlistEnabled: true } });
  const client = await stage.raw();
  const watchlist = Array.from({ length: 101 }, (_, n) => `user-${n}`);
  client.send({
    event: "pusher:signin",
    data: stage.backend().authenticateUser(client.socketId, { id: "watcher", watchlist }),
  });
  const events = [await client.next(), await client.next()];
  const names = events.map(({ event }) => event);
  expect(names).toContain("pusher:signin_success");
  const error = events.find(({ event }) => event === "pusher:error");
  expect(error?.data).toMatchObject({ code: 4302 });
});

test("terminating a user closes the connections signed in as that user and no others", async () => {
  const one = await stage.raw();
  await signIn(one, { id: "t-ada" });
  const two = await stage.raw();
  await signIn(two, { id: "t-ada" });
  const other = await stage.raw();
  await signIn(other, { id: "t-bo" });
  const member = await stage.raw();
  const auth = stage.backend().authorizeChannel(member.socketId, "presence-t", { user_id: "t-ada" });
  await member.subscribe("presence-t", auth);
  const answer = await stage.backend().terminateUserConnections("t-ada");
  expect(await answer.text()).toBe("{}");
  const { code } = await one.waitForClose();
  expect(code).toBe(4009);
  expect((await two.waitForClose()).code).toBe(4009);
  await other.expectNothingMore();
  await member.expectNothingMore();
});
