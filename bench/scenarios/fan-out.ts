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
import type { Column, Row, Scenario } from "./scenario.ts";
import { supports, unsupportedRow } from "./support.ts";

const smallCrowd = 1000;
const largeCrowd = 10_000;
const columns: readonly Column[] = [
  { key: "load", label: "subscribers x events/s" },
  ...fanOutColumns,
  { key: "timesFloor", label: "x floor", decimals: 2 },
  { key: "timesTopics", label: "x Bun's topics", decimals: 2 },
  { key: "timesCheaperThanPeer", label: "times cheaper than node ws", decimals: 2 },
];

export const fanOut: Scenario = {
  name: "fanout",
  summary: "1,000 subscribers x 50 to 800 events/s, 10,000 x 1 and 10",
  async run({ isQuick, log, servers }) {
    const starts = servers ?? [startFloor, startBunWebSocket, startSoketify, startNodeWs];
    const figures: FanOutFigures[] = [];
    const unsupported: Row[] = [];
    await withTargets(starts, async (targets) => {
      const able = targets.filter((target) => supports(target, "events"));
      for (const load of loads(isQuick)) {
        log(loadName(load.subscribers, load.eventsPerSecond));
        figures.push(...(await runSideBySide(able.map(contender), load, isQuick ? 1 : roundsOf(load))));
        for (const { name: target } of targets.filter((target) => !able.includes(target))) {
          const identity = { load: loadName(load.subscribers, load.eventsPerSecond), target };
          unsupported.push(unsupportedRow(columns, identity));
        }
      }
    });
    return [
      {
        title: "Fan-out",
        columns,
        rows: [...figures.map((row) => withRatios(row, figures)), ...unsupported],
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

/** An idle server's costs differ most from run to run: they depend on how often a receiver must be woken. */
function roundsOf({ subscribers, eventsPerSecond }: FanOutLoad): number {
  return subscribers * eventsPerSecond > 50_000 ? 2 : 4;
}

function loadName(subscribers: number, eventsPerSecond: number): string {
  return `${subscribers} x ${eventsPerSecond}`;
}

function withRatios(row: FanOutFigures, all: readonly FanOutFigures[]): Row {
  return {
    load: loadName(row.subscribers, row.askedPerSecond),
    ...row,
    timesFloor: row.cpuMicrosPerDelivery / costOf("floor (C)", row, all),
    timesTopics: row.cpuMicrosPerDelivery / costOf("bun websocket", row, all),
    timesCheaperThanPeer: costOf("node ws", row, all) / row.cpuMicrosPerDelivery,
  };
}
