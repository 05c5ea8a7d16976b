/**
 * Channels with history and stock clients: rewind without a plugin, recovery with it, and the history over the HTTP
 * API.
 */
import { beforeAll, expect, test } from "bun:test";
import type PusherJs from "pusher-js";
import { recover } from "../../../packages/recovery/src/recovery.ts";
import { until, within } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });
const channelRules = [
  { pattern: "kept-*", historyEventsMax: 100 },
  { pattern: "rewound-*", historyEventsMax: 100, rewindEventsMax: 2 },
];

beforeAll(async () => {
  await stage.server.admin("PATCH", `/apps/${stage.server.app.id}`, { settings: { channelRules } });
});

/** Records each event of a channel and each notification of the plugin. */
function record(client: PusherJs, name: string): string[] {
  const received: string[] = [];
  client.subscribe(name).bind_global((event: string, data: unknown) => {
    if (event === "pusher:subscription_succeeded") received.push("subscribed");
    else if (event === "soketify:recovered") received.push("recovered");
    else if (event === "soketify:missed") received.push(`missed: ${(data as { reason: string }).reason}`);
    else received.push(String(data));
  });
  return received;
}

function receives(received: readonly string[], last: string): Promise<unknown> {
  return until(`${last} to be received`, () => received.at(-1) === last);
}

/** Like a failing network: the socket is closed without a reason. */
function cut(client: PusherJs): void {
  const { connection } = client.connection as unknown as {
    readonly connection: { readonly transport: { readonly socket: { terminate?(): void; close(): void } } };
  };
  const { socket } = connection.transport;
  if (socket.terminate === undefined) socket.close();
  else socket.terminate();
}

test("a client that was cut off receives its missed events, once and in order, and then live events", async () => {
  const client = await stage.pusherJs();
  recover(client, { reconnectDelayMsMax: 50 });
  const backend = stage.backend();
  const received = record(client, "kept-a");
  await receives(received, "subscribed");
  await backend.trigger("kept-a", "e", "before");
  await receives(received, "before");
  const { promise: noticed, resolve } = Promise.withResolvers<void>();
  client.connection.bind("state_change", () => resolve());
  cut(client);
  await within("the client to notice", noticed);
  for (const data of ["missed 1", "missed 2", "missed 3"]) await backend.trigger("kept-a", "e", data);
  await receives(received, "missed 3");
  await backend.trigger("kept-a", "e", "after");
  await receives(received, "after");
  expect(received).toEqual([
    "subscribed",
    "before",
    "subscribed",
    "recovered",
    "missed 1",
    "missed 2",
    "missed 3",
    "after",
  ]);
});

test("a client of a channel that lost its history is notified", async () => {
  const client = await stage.pusherJs();
  recover(client, { reconnectDelayMsMax: 50 });
  const received = record(client, "kept-b");
  await receives(received, "subscribed");
  await stage.changeApp({ settings: { channelRules: [] } });
  cut(client);
  await receives(received, "missed: no_history");
});

test("a stock client receives the last events when it subscribes to a channel with rewind", async () => {
  const backend = stage.backend();
  for (const data of ["one", "two", "three"]) await backend.trigger("rewound-a", "e", data);
  const received = record(await stage.pusherJs(), "rewound-a");
  await receives(received, "three");
  await backend.trigger("rewound-a", "e", "live");
  await receives(received, "live");
  expect(received).toEqual(["subscribed", "two", "three", "live"]);
});

test("the history is read page by page, and invalid queries are answered with an error", async () => {
  const backend = stage.backend();
  for (const data of ["one", "two", "three"])
    await backend.trigger("kept-c", "e", data, { socket_id: "1.2" });
  const read = (query: Record<string, string>) =>
    stage.api({ method: "GET", path: "/channels/kept-c/history", query });
  const newest = await read({ limit: "2" });
  expect(newest.status).toBe(200);
  const page = JSON.parse(newest.text);
  expect(page).toMatchObject({
    epoch: expect.any(String),
    events: [
      { offset: 3, name: "e", data: "three", time: expect.any(Number), socket_id: "1.2" },
      { offset: 2, data: "two" },
    ],
    next: 1,
  });
  const oldest = JSON.parse((await read({ direction: "forwards", from: "2" })).text);
  expect(oldest.events.map(({ data }: { data: string }) => data)).toEqual(["two", "three"]);
  expect(oldest.next).toBeNull();
  const time: number = oldest.events[0].time;
  const ofTime = JSON.parse((await read({ since: String(time), until: String(time) })).text);
  expect(ofTime.events).toContainEqual(oldest.events[0]);
  const before = JSON.parse((await read({ until: String(time - 60_000) })).text);
  expect(before).toMatchObject({ epoch: expect.any(String), events: [], next: null });
  for (const [query, words] of [
    [{ limit: "0" }, "limit must be a whole number from 1 to 100"],
    [{ from: "-1" }, "from must be a whole number from 0"],
    [{ since: "yesterday" }, "since must be a whole number from 0"],
    [{ direction: "up" }, "direction must be forwards"],
  ] as const) {
    const answer = await read(query);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(words)]);
  }
  const none = await stage.api({ method: "GET", path: "/channels/plain/history" });
  expect(JSON.parse(none.text)).toEqual({ epoch: null, events: [], next: null });
});
