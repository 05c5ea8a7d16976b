/** Cache channels: a new subscriber receives a backend's last event. */
import { expect, test } from "bun:test";
import { listen, subscribe, useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });

for (const name of ["cache-a", "private-cache-a", "presence-cache-a", "private-encrypted-cache-a"]) {
  test(`${name} reports an empty cache, then replays the last event`, async () => {
    const early = await stage.raw();
    const member = name.startsWith("presence-") ? { user_id: "early" } : undefined;
    await early.subscribe(name, stage.backend().authorizeChannel(early.socketId, name, member));
    expect(await early.next()).toEqual({ event: "pusher:cache_miss", channel: name, data: "{}" });
    const backend = stage.backend();
    await backend.trigger(name, "price", { usd: 1 });
    await backend.trigger(name, "price", { usd: 2 });
    await early.expect("price", name);
    const second = await early.expect("price", name);
    const late = await stage.raw();
    const lateMember = name.startsWith("presence-") ? { user_id: "early" } : undefined;
    await late.subscribe(name, stage.backend().authorizeChannel(late.socketId, name, lateMember));
    expect((await late.next()).data).toBe(second.data);
    await late.expectNothingMore();
  });
}

test("pusher-js receives a cache miss, and later the cached event", async () => {
  const { received } = await subscribe(await stage.pusherJs(), "cache-js");
  expect((await received.next("the miss")).event).toBe("pusher:cache_miss");
  await stage.backend().trigger("cache-js", "now", { v: 1 });
  const late = listen((await stage.pusherJs()).subscribe("cache-js"));
  const cached = await late.nextWhere("the cached event", ({ event }) => event === "now");
  expect(cached.data).toEqual({ v: 1 });
});

test("a query returns the cached data with its time to live", async () => {
  const client = await stage.raw();
  await client.subscribe("cache-query");
  const path = "/channels/cache-query";
  const empty = await stage.backend().get({ path, params: { info: "cache" } });
  expect(await empty.json()).toMatchObject({ occupied: true, cache: null });
  await stage.backend().trigger("cache-query", "set", { v: 7 });
  const full = (await (await stage.backend().get({ path, params: { info: "cache" } })).json()) as {
    cache: { data: string; ttl: number };
  };
  expect(full.cache.data).toBe('{"v":7}');
  expect(full.cache.ttl).toBeGreaterThan(1_700);
  expect(full.cache.ttl).toBeLessThanOrEqual(1_800);
});
