import { expect, test } from "bun:test";
import type { ChannelRule } from "./apps/channel-rules.ts";
import { newApp } from "./apps/new-app.ts";
import { boundsOf, catchUpOf } from "./channel-history.ts";

const channelRules: ChannelRule[] = [
  { pattern: "kept-*", historyEventsMax: 5, historyMs: 2_000 },
  { pattern: "rewound-*", historyEventsMax: 5, rewindEventsMax: 2, rewindMs: 3_000 },
  { pattern: "unkept-*", historyEventsMax: 0, rewindEventsMax: 2 },
];
const app = newApp({ settings: { channelRules, cacheTtlMs: 1_000 } }, "somebody", 0);
const after = { epoch: "e", offset: 1 };

test("a channel stores the events of its rule, a cache channel its last event, and any other none", () => {
  expect(boundsOf(app, "kept-a")).toEqual({ eventsMax: 5, ageMsMax: 2_000 });
  expect(boundsOf(app, "cache-a")).toEqual({ eventsMax: 1, ageMsMax: 1_000 });
  expect([boundsOf(app, "unkept-a"), boundsOf(app, "news")]).toEqual([null, null]);
});

test("a client that recovers receives the events after its position, where events are stored", () => {
  const recover = { type: "recover", after, eventsMax: 300 } as const;
  for (const channel of ["kept-a", "rewound-a"]) expect(catchUpOf(app, channel, after)).toEqual(recover);
  expect([catchUpOf(app, "unkept-a", after), catchUpOf(app, "news", after)]).toEqual([null, null]);
});

test("a new client receives the latest events of its rule, or the last one of a cache channel", () => {
  expect(catchUpOf(app, "rewound-a", null)).toEqual({ type: "rewind", eventsMax: 2, ageMsMax: 3_000 });
  expect(catchUpOf(app, "cache-a", null)).toEqual({ type: "rewind", eventsMax: 1, ageMsMax: 1_000 });
  expect([catchUpOf(app, "kept-a", null), catchUpOf(app, "unkept-a", null)]).toEqual([null, null]);
});
