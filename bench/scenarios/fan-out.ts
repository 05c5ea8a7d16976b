/** Fan-out: every event to every subscriber, compared with the floor, Bun's own topics and Node `ws` in one run. */
import { startBunWebSocket, startFloor, startNodeWs, startSoketify, withTargets } from "../target/target.ts";
import {
  contender,
  costOf,
  type FanOutFigures,
  type FanOutLoad,
  fanOutColumns,
  oneChannel,
  runSideBySide,
} from "./fan-out-load.ts";
import type { Row, Scenario } from "./scenario.ts";

const smallCrowd = 1000;
const largeCrowd = 10_000;

export const fanOut: Scenario = {
  name: "fanout",
  summary: "1,000 subscribers x 50 to 800 events/s, 10,000 x 1 and 10",
  async run({ isQuick, log, servers }) {
    const starts = servers ?? [startFloor, startBunWebSocket, startSoketify, startNodeWs];
    const rows = await withTargets(starts, async (targets) => {
      const figures: FanOutFigures[] = [];
      for (const load of loads(isQuick)) {
        log(`${load.subscribers} subscribers x ${load.eventsPerSecond} events/s`);
        figures.push(...(await runSideBySide(targets.map(contender), load, isQuick ? 1 : 2)));
      }
      return figures;
    });
    return [
      {
        title: "Fan-out",
        columns: [
          { key: "load", label: "subscribers x events/s" },
          ...fanOutColumns,
          { key: "timesFloor", label: "x floor", decimals: 2 },
          { key: "timesCheaperThanPeer", label: "times cheaper than node ws", decimals: 2 },
        ],
        rows: rows.map((row) => withRatios(row, rows)),
        notes: [
          "Payload 200 bytes. Latency is measured from an event's scheduled time until the receiver has read it. Frames/write: deliveries divided by TCP segments with data, as the receivers' kernel counts them.",
        ],
        chart: { x: "load", series: "target", y: "cpuMicrosPerDelivery", label: "CPU-µs/delivery" },
      },
    ];
  },
};

function loads(isQuick: boolean): FanOutLoad[] {
  if (isQuick) return [50, 400].map((rate) => oneChannel(100, rate, 1));
  return [
    ...[50, 100, 400, 800].map((rate) => oneChannel(smallCrowd, rate, 6)),
    ...[1, 10].map((rate) => oneChannel(largeCrowd, rate, 8)),
  ];
}

function withRatios(row: FanOutFigures, all: readonly FanOutFigures[]): Row {
  return {
    load: `${row.subscribers} x ${row.askedPerSecond}`,
    ...row,
    timesFloor: row.cpuMicrosPerDelivery / costOf("floor (C)", row, all),
    timesCheaperThanPeer: costOf("node ws", row, all) / row.cpuMicrosPerDelivery,
  };
}
