/**
 * Collects garbage after every 1,000 opened connections. Otherwise connections lie scattered between the garbage of many
 * connects, whose memory the runtime then cannot return to the system: 0.4 to 0.9 KB for each of 18,000 connections.
 */
import type { ActivityFeed } from "../core/activity.ts";

const connectsBetween = 1_000;

/** @param collect starts a collection that runs beside the program */
export function collectAfterConnects(activity: ActivityFeed, collect = () => Bun.gc(false)): void {
  let untilNext = connectsBetween;
  activity.on("connection_opened", () => {
    untilNext -= 1;
    if (untilNext > 0) return;
    untilNext = connectsBetween;
    collect();
  });
}
