import { expect, test } from "bun:test";
import type { ChannelRule } from "../core/apps/channel-rules.ts";
import { newApp } from "../core/apps/new-app.ts";
import type { JoinedHistory } from "../core/ports/history.ts";
import { enteredHistory } from "./enter-history.ts";

const channelRules: ChannelRule[] = [{ pattern: "kept-*", historyEventsMax: 3 }];
const app = newApp({ settings: { channelRules } }, "somebody", 0);
const position = { epoch: "e", offset: 3 };
const recover = { epoch: "e", offset: 0, socketId: "1.1" };
const kept = (offset: number, exceptSocketId: string | null) => ({
  offset,
  exceptSocketId,
  atMs: 0,
  userId: null,
  frame: `{"data":${offset}}`,
});
const whole: JoinedHistory = {
  outcome: "whole",
  position,
  events: [kept(1, null), kept(2, "1.1"), kept(3, "2.2")],
  isFirstMiss: false,
};

test("a recovery replays what the lost connection should have received", () => {
  expect(enteredHistory(app, "kept-a", recover, whole)).toEqual({
    notice: { ...position, recovered: true, replayed: 2 },
    frames: ['{"data":1,"offset":1}', '{"data":3,"offset":3}'],
  });
});

test("a rewind sends all events, whichever connection they excluded", () => {
  const { notice, frames } = enteredHistory(app, "kept-a", null, whole);
  expect([notice, frames.length]).toEqual([position, 3]);
});

test("while the history is unavailable a recovery fails, and a new subscriber has no position", () => {
  const unavailable: JoinedHistory = { outcome: "unavailable" };
  const entered = (asked: typeof recover | null) => enteredHistory(app, "kept-a", asked, unavailable);
  expect(entered(recover)).toEqual({ notice: { recovered: false, reason: "unavailable" }, frames: [] });
  expect(entered(null)).toEqual({ notice: {}, frames: [] });
});

test("a channel without a history rule sends no position", () => {
  const cached = { ...whole, events: [kept(3, null)] };
  expect(enteredHistory(app, "cache-a", null, cached)).toEqual({ notice: null, frames: ['{"data":3}'] });
  const noHistory = { recovered: false, reason: "no_history" } as const;
  expect(enteredHistory(app, "news", recover, null)).toEqual({ notice: noHistory, frames: [] });
});
