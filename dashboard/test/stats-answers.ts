/** Statistics like those of a server that has run for long. */
import type { StatsAnswer, StatsPoint } from "@soketify/admin";
import type { Page } from "playwright-core";
import { intercept } from "./intercept.ts";

const stepsMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The counts of an interval, by its index and the number of intervals; null: no data. */
export type Counted = (index: number, count: number) => Omit<StatsPoint, "at"> | null;

/** 40 s after the start of its last minute. */
const until = "2026-03-04T14:25:40.000Z";

/** Replaces the server's answers until the page is reset or closed. */
export function answerStats(page: Page, counted: Counted): Promise<void> {
  return intercept(page, "*/api/v1/apps/*/stats\\?*", ({ searchParams }) => {
    const interval = searchParams.get("interval") as StatsAnswer["interval"];
    const answer = statsAnswer(interval, Number(searchParams.get("intervals") ?? 60), counted);
    return { status: 200, contentType: "application/json", body: JSON.stringify(answer) };
  });
}

function statsAnswer(interval: StatsAnswer["interval"], count: number, counted: Counted): StatsAnswer {
  const stepMs = stepsMs[interval];
  const runningMs = Math.floor(Date.parse(until) / stepMs) * stepMs;
  const atOf = (index: number) => new Date(runningMs - (count - 1 - index) * stepMs).toISOString();
  const points = Array.from({ length: count }, (_, index) => {
    const stats = counted(index, count);
    return stats === null ? [] : [{ at: atOf(index), ...stats }];
  }).flat();
  return { interval, from: atOf(0), until, points, unanswered: [] };
}

export function counts(connections: number, amount: number, errors = 0): Omit<StatsPoint, "at"> {
  return {
    connections,
    connectionsPeak: connections,
    messagesIn: 0,
    messagesOut: amount,
    apiRequests: amount,
    errors,
  };
}

/** The figures of a server that has run for more than an hour, with many clients. */
export const busyHour = (index: number) =>
  counts(
    4 + (Math.floor(index / 7) % 3),
    Math.round(420 + 180 * Math.sin(index / 5) + 90 * Math.sin(index * 1.7)),
  );
