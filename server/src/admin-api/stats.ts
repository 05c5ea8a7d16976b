/** The series of an app's counts, with a point for every interval asked for. */
import type { Clock } from "../core/clock.ts";
import { type StatsPoint, type StatsStore, statsSpanMs } from "../core/stats-store.ts";
import type * as contract from "./contract.ts";
import { type Handlers, isoTime } from "./handlers.ts";
import { invalidRequest } from "./problem.ts";

const pointsByDefault = 60;
const pointsMax = 2_000;

export function createStatsHandlers(stats: StatsStore, clock: Clock): Handlers<"stats"> {
  return {
    async stats({ app, query: { interval, from, to } }) {
      const spanMs = statsSpanMs[interval];
      const toMs = to === undefined ? clock.now() : Date.parse(to);
      const fromMs = from === undefined ? toMs - (pointsByDefault - 1) * spanMs : Date.parse(from);
      const firstMs = Math.floor(fromMs / spanMs) * spanMs;
      const count = Math.ceil((toMs - firstMs) / spanMs);
      if (count < 1) throw invalidRequest("`from` must be before `to`");
      if (count > pointsMax) {
        throw invalidRequest(`That is ${count} points: ask for ${pointsMax} at most, or a longer interval`);
      }
      const known = await stats.series(app.id, interval, firstMs, toMs);
      const byStart = new Map(known.map((point) => [point.startMs, point]));
      const points = Array.from({ length: count }, (_, index) => {
        const startMs = firstMs + index * spanMs;
        return pointBody(startMs, byStart.get(startMs));
      });
      return { interval, points };
    },
  };
}

function pointBody(startMs: number, point: StatsPoint | undefined): contract.StatsPoint {
  return {
    at: isoTime(startMs),
    connections: point?.connections ?? 0,
    connectionsPeak: point?.connectionsPeak ?? 0,
    messagesIn: point?.messagesIn ?? 0,
    messagesOut: point?.messagesOut ?? 0,
    apiRequests: point?.apiRequests ?? 0,
    errors: point?.errors ?? 0,
  };
}
