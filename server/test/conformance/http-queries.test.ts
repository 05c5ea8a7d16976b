/** Queries over the HTTP API: channels, counts and users, and invalid queries. */
import { expect, test } from "bun:test";
import { type Answer, request, signedPath } from "../support/net/http-request.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });

function get(path: string, query: Record<string, string> = {}): Promise<Answer> {
  return stage.api({ method: "GET", path, query });
}

async function enter(channel: string, userId: string): Promise<void> {
  const client = await stage.raw();
  await client.subscribe(
    channel,
    stage.backend().authorizeChannel(client.socketId, channel, { user_id: userId }),
  );
}

test("only occupied channels are listed, by prefix if requested, and only with the requested attributes", async () => {
  const client = await stage.raw();
  await client.subscribe("list-a");
  await enter("presence-list", "1");
  await enter("presence-list", "1");
  await enter("presence-list", "2");
  const all = await stage.backend().get({ path: "/channels" });
  expect(await all.json()).toEqual({ channels: { "list-a": {}, "presence-list": {} } });
  const counted = await stage.backend().get({
    path: "/channels",
    params: { filter_by_prefix: "presence-", info: "user_count" },
  });
  expect(await counted.json()).toEqual({ channels: { "presence-list": { user_count: 2 } } });
});

test("a channel's answer has its occupation and the requested counts", async () => {
  const empty = await get("/channels/nobody-there");
  expect([empty.status, empty.text]).toEqual([200, '{"occupied":false}']);
  await stage.changeApp({ settings: { subscriptionCountEnabled: true } });
  await enter("presence-one", "1");
  await enter("presence-one", "1");
  await enter("presence-one", "1");
  const counts = await get("/channels/presence-one", { info: "user_count,subscription_count" });
  expect(JSON.parse(counts.text)).toEqual({ occupied: true, user_count: 1, subscription_count: 3 });
});

test("the users of a presence channel are its distinct members", async () => {
  expect((await get("/channels/presence-users/users")).text).toBe('{"users":[]}');
  await enter("presence-users", "1");
  await enter("presence-users", "1");
  await enter("presence-users", "2");
  const answer = await stage.backend().get({ path: "/channels/presence-users/users" });
  const { users } = (await answer.json()) as { users: { id: string }[] };
  // The order is not specified.
  expect(users.toSorted((one, other) => one.id.localeCompare(other.id))).toEqual([{ id: "1" }, { id: "2" }]);
});

test("invalid queries are refused with the texts that SDKs expect", async () => {
  const cases: [string, Record<string, string>, string][] = [
    [
      "/channels",
      { info: "user_count" },
      "user_count may only be requested for presence channels - please supply filter_by_prefix begining with presence-\n",
    ],
    [
      "/channels/public",
      { info: "user_count" },
      "Cannot retrieve the user count unless the channel is a presence channel\n",
    ],
    ["/channels/public/users", {}, "Users can only be retrieved for presence channels\n"],
  ];
  for (const [path, query, text] of cases) {
    const answer = await get(path, query);
    expect([answer.status, answer.text]).toEqual([400, text]);
    expect(answer.headers.get("content-type")).toContain("text/plain");
  }
  const unknown = await get("/channels/public", { info: "colour" });
  expect(unknown.status).toBe(400);
  expect(unknown.text).toContain("info should be a comma separated list of attributes");
});

test("the number of connections is returned", async () => {
  await stage.connectionsCounted(0);
  await stage.raw();
  await stage.connectionsCounted(1);
  expect(JSON.parse((await get("/connections")).text)).toEqual({ connections: 1 });
});

test("an unknown path is 404, and an unknown method is 405 with the allowed ones", async () => {
  expect((await get("/nowhere")).status).toBe(404);
  const { app, httpUrl } = stage.server;
  const path = `/apps/${app.id}/events`;
  const answer = await request(httpUrl + signedPath(app, { method: "DELETE", path }), { method: "DELETE" });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toContain("POST");
});

test("a channel name with every legal character is accepted unencoded, as SDKs send it", async () => {
  const name = "test_-=@,.;channel";
  const client = await stage.raw();
  await client.subscribe(name);
  const raw = await stage.backend().get({ path: `/channels/${name}` });
  expect(await raw.json()).toEqual({ occupied: true });
  const { app, httpUrl } = stage.server;
  const path = signedPath(app, { method: "GET", path: `/apps/${app.id}/channels/${name}` });
  const encoded = path.replace(name, encodeURIComponent(name));
  expect((await request(httpUrl + encoded)).text).toBe('{"occupied":true}');
});
