/** The part of a channel's history that a new subscriber receives: its position, and stored events. */
import type { App } from "../core/apps/app.ts";
import { sendsPosition } from "../core/apps/channel-rules.ts";
import type { JoinedHistory, KeptEvent } from "../core/ports/history.ts";
import type { Recover } from "../protocol/client-message.ts";
import { type HistoryNotice, withOffset } from "../protocol/server-message.ts";

export interface EnteredHistory {
  /** For the data of `subscription_succeeded`; null: nothing is added. */
  readonly notice: HistoryNotice | null;
  /** Frames to send after `subscription_succeeded`, oldest first. */
  readonly frames: readonly string[];
}

/** @param history null if the channel stores no events */
export function enteredHistory(
  { settings }: App,
  channel: string,
  recover: Recover | null,
  history: JoinedHistory | null,
): EnteredHistory {
  const events = history?.outcome === "whole" ? history.events : [];
  if (history === null || !sendsPosition(settings, channel)) {
    const notice = recover === null ? null : ({ recovered: false, reason: "no_history" } as const);
    return { notice, frames: events.map(({ frame }) => frame) };
  }
  const frames = events
    .filter((event) => isMeantFor(recover, event))
    .map(({ frame, offset }) => withOffset(frame, offset));
  return { notice: noticeOf(recover, history, frames.length), frames };
}

function noticeOf(recover: Recover | null, history: JoinedHistory, replayed: number): HistoryNotice {
  if (history.outcome === "unavailable")
    return recover === null ? {} : { recovered: false, reason: "unavailable" };
  const { position } = history;
  if (recover === null) return position;
  return history.outcome === "refused"
    ? { ...position, recovered: false, reason: history.reason }
    : { ...position, recovered: true, replayed };
}

function isMeantFor(recover: Recover | null, { exceptSocketId }: KeptEvent): boolean {
  return recover === null || exceptSocketId === null || exceptSocketId !== recover.socketId;
}
