/** Fan-out: every event to everybody, beside the floor and the Node `ws` peer, all in one run. */
import { type StartTarget, startFloor, startNodeWs, startSoketify } from "../target/target.ts";
import { type FanOutFigures, type FanOutLoad, fanOutColumns, runFanOut } from "./fan-out-load.ts";
import type { Context, Row, Scenario, Section } from "./scenario.ts";

const targets: readonly StartTarget[] = [startFloor, startSoketify, startNodeWs];
const smallCrowd = 1000;
const largeCrowd = 10_000;

export const fanOut: Scenario = {
  name: "fanout",
  summary: "1,000 subscribers x 50 to 800 events a second, 10,000 x 1 and 10",
  async run(context) {
    const loads = context.isQuick
      ? [load(100, 50, 1), load(100, 400, 1)]
      : [
          ...[50, 100, 400, 800].map((rate) => load(smallCrowd, rate, 8)),
          ...[1, 10].map((rate) => load(largeCrowd, rate, 10)),
        ];
    const figures: FanOutFigures[] = [];
    for (const start of targets) {
      const target = await start();
      try {
        for (const each of loads) {
          context.log(
            `${target.name}: ${each.subscribers} subscribers x ${each.eventsPerSecond} events a second`,
          );
          figures.push(await runFanOut(target, each, context.isQuick ? 1 : 2));
        }
      } finally {
        await target.stop();
      }
    }
    return [sectionOf(figures)];
  },
};

export const capacity: Scenario = {
  name: "capacity",
  summary: "the greatest rate that each server delivers in full to 1,000 subscribers",
  async run(context) {
    const rows: FanOutFigures[] = [];
    for (const start of targets) rows.push(await greatestRate(start, context));
    const peer = rows.find(({ target }) => target === "node ws");
    return [
      {
        title: "Greatest rate, 1,000 subscribers",
        columns: [...fanOutColumns, { key: "timesPeer", label: "x node ws", decimals: 2 }],
        rows: rows.map((row) => ({
          ...row,
          timesPeer: peer === undefined ? null : row.deliveredPerSecond / peer.deliveredPerSecond,
        })),
        notes: [
          "Sustained: at least 97 % of the asked rate published, every event delivered, p99 under one second.",
        ],
      },
    ];
  },
};

function load(subscribers: number, eventsPerSecond: number, seconds: number): FanOutLoad {
  return { subscribers, channels: ["bench"], reach: subscribers, eventsPerSecond, seconds };
}

/** Raises the rate by a quarter until the server no longer keeps up; answers the last that it kept. */
async function greatestRate(start: StartTarget, context: Context): Promise<FanOutFigures> {
  const target = await start();
  try {
    let best: FanOutFigures | null = null;
    for (let rate = 40; ; rate = Math.ceil(rate * 1.25)) {
      context.log(`${target.name}: ${rate} events a second`);
      const figures = await runFanOut(target, load(smallCrowd, rate, context.isQuick ? 1 : 4), 1);
      const isKept =
        figures.publishedPerSecond >= 0.97 * rate && figures.deliveryRatio === 1 && figures.p99Ms < 1000;
      if (!isKept) return best ?? figures;
      best = figures;
    }
  } finally {
    await target.stop();
  }
}

function sectionOf(figures: readonly FanOutFigures[]): Section {
  return {
    title: "Fan-out",
    columns: [
      { key: "load", label: "subscribers x events/s" },
      ...fanOutColumns,
      { key: "timesFloor", label: "x floor", decimals: 2 },
      { key: "timesCheaperThanPeer", label: "times cheaper than node ws", decimals: 2 },
    ],
    rows: figures.map((row) => withRatios(row, figures)),
    notes: [
      "Payload 200 bytes. Latency counts from the moment an event's turn came, to its reading by the receiver.",
    ],
    chart: { x: "load", series: "target", y: "cpuMicrosPerDelivery", label: "CPU-µs a delivery" },
  };
}

function withRatios(row: FanOutFigures, all: readonly FanOutFigures[]): Row {
  const costOf = (name: string): number =>
    all.find(
      ({ target, subscribers, askedPerSecond }) =>
        target === name && subscribers === row.subscribers && askedPerSecond === row.askedPerSecond,
    )?.cpuMicrosPerDelivery ?? Number.NaN;
  return {
    load: `${row.subscribers} x ${row.askedPerSecond}`,
    ...row,
    timesFloor: row.cpuMicrosPerDelivery / costOf("floor (C)"),
    timesCheaperThanPeer: costOf("node ws") / row.cpuMicrosPerDelivery,
  };
}
