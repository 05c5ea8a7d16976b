/** The series of an app's counts: one point for each interval with data, including the current one. */
import type { Clock } from "../../core/ports/clock.ts";
import { type StatsPoint, spanStart, statsSpanMs } from "../../core/ports/stats-store.ts";
import type { ReadStats } from "../../management/read-stats.ts";
import type * as contract from "../contracts/server.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { invalidRequest } from "../problem.ts";

const pointsMax = 2_000;

export function createStatsHandlers(readStats: ReadStats, clock: Clock): Handlers<"stats"> {
  return {
    async stats({ app, query: { interval, intervals, from, to } }) {
      const spanMs = statsSpanMs[interval];
      const nowMs = clock.now();
      const toMs = to === undefined ? nowMs : Date.parse(to);
      const fromMs = from === undefined ? toMs - (intervals - 1) * spanMs : Date.parse(from);
      const firstMs = spanStart(fromMs, interval);
      const count = Math.ceil((toMs - firstMs) / spanMs);
      if (count < 1) throw invalidRequest("`from` must be before `to`");
      if (count > pointsMax) {
        throw invalidRequest(
          `The range has ${count} points: request at most ${pointsMax}, or a longer interval`,
        );
      }
      const { points, unanswered } = await readStats(app.id, interval, firstMs, toMs);
      return {
        interval,
        from: isoTime(firstMs),
        until: isoTime(Math.min(toMs, nowMs)),
        unanswered,
        // Earlier points have data of the server, but not of this app.
        points: points.filter(({ startMs }) => startMs + spanMs > app.createdAtMs).map(pointBody),
      };
    },
  };
}

function pointBody({ startMs, ...stats }: StatsPoint): contract.StatsPoint {
  return { at: isoTime(startMs), ...stats };
}
