/** Hold: what `eventHoldMsMax` saves in CPU time, and what it costs in latency, when events of busy channels share writes. */
import { startFloor, startSoketify, type Target, withTargets } from "../target/target.ts";
import {
  type Contender,
  contender,
  costOf,
  type FanOutFigures,
  fanOutColumns,
  oneChannel,
  runSideBySide,
} from "./fan-out-load.ts";
import type { Row, Scenario } from "./scenario.ts";

const adminToken = "bench-admin-token-not-secret";
const holdsMs = [0, 10, 25, 50];
const startWithToken = () => startSoketify({ SOKETIFY_ADMIN_TOKEN: adminToken });

export const hold: Scenario = {
  name: "hold",
  summary: "1,000 subscribers x 100, 400 and 800 events/s, held 0, 10, 25 and 50 ms",
  async run({ isQuick, log }) {
    const subscribers = isQuick ? 100 : 1000;
    const rows = await withTargets([startFloor, startWithToken], async (targets) => {
      const contenders = targets.flatMap((target, index) =>
        index === 0 ? [contender(target)] : holdsMs.map((holdMs) => holding(target, holdMs)),
      );
      const figures: FanOutFigures[] = [];
      for (const rate of isQuick ? [400] : [100, 400, 800]) {
        log(`${subscribers} subscribers x ${rate} events/s`);
        const load = oneChannel(subscribers, rate, isQuick ? 1 : 5);
        figures.push(...(await runSideBySide(contenders, load, isQuick ? 1 : 2)));
      }
      return figures;
    });
    return [
      {
        title: "Held events of busy channels (eventHoldMsMax)",
        columns: [
          { key: "load", label: "subscribers x events/s" },
          ...fanOutColumns,
          { key: "timesFloor", label: "x floor", decimals: 2 },
          { key: "timesUnheld", label: "x without a hold", decimals: 2 },
        ],
        rows: rows.map((row) => withRatios(row, rows)),
        notes: [
          "The server sends a frame when the hold has passed since the last frame of its channel. So a frame waits at most for the whole hold, and for half of it on average. The floor does not hold frames.",
        ],
        chart: { x: "load", series: "target", y: "cpuMicrosPerDelivery", label: "CPU-µs/delivery" },
      },
    ];
  },
};

function holding(target: Target, holdMs: number): Contender {
  return {
    name: nameOf(holdMs),
    target,
    async prepare() {
      const answer = await fetch(`http://127.0.0.1:${target.port}/api/v1/apps/${target.app.id}`, {
        method: "PATCH",
        headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
        body: JSON.stringify({ settings: { eventHoldMsMax: holdMs } }),
      });
      if (!answer.ok)
        throw new Error(
          `the server answered the change of the app with ${answer.status} ${await answer.text()}`,
        );
    },
  };
}

function nameOf(holdMs: number): string {
  return holdMs === 0 ? "soketify" : `soketify, ${holdMs} ms`;
}

function withRatios(row: FanOutFigures, all: readonly FanOutFigures[]): Row {
  return {
    load: `${row.subscribers} x ${row.askedPerSecond}`,
    ...row,
    timesFloor: row.cpuMicrosPerDelivery / costOf("floor (C)", row, all),
    timesUnheld: row.cpuMicrosPerDelivery / costOf(nameOf(0), row, all),
  };
}
