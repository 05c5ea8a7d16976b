/** Capacity: the highest rate that each server delivers in full. */
import { startFloor, startNodeWs, startSoketify, type Target, withTargets } from "../target/target.ts";
import { type FanOutFigures, fanOutColumns, oneChannel, runFanOut } from "./fan-out-load.ts";
import type { Context, Scenario } from "./scenario.ts";

const subscribers = 1000;
const firstRate = 50;
/** The search ends when the lowest failed rate is at most this many times the highest kept rate. */
const precision = 1.1;

export const capacity: Scenario = {
  name: "capacity",
  summary: "the highest rate that each server delivers in full to 1,000 subscribers",
  async run(context) {
    const rows: FanOutFigures[] = [];
    for (const start of [startFloor, startSoketify, startNodeWs])
      rows.push(await withTargets([start], async ([target]) => greatestRate(target, context)));
    const peer = rows.find(({ target }) => target === "node ws")?.deliveredPerSecond ?? Number.NaN;
    return [
      {
        title: "Highest rate, 1,000 subscribers",
        columns: [...fanOutColumns, { key: "timesPeer", label: "x node ws", decimals: 2 }],
        rows: rows.map((row) => ({ ...row, timesPeer: row.deliveredPerSecond / peer })),
        notes: [
          "A server keeps up with a rate if it accepts at least 97 % of the events, delivers all of them, and has a p99 below one second. The next rate that was tried, at most a tenth higher, failed twice. The publisher and the receivers share the other core. If that core is full, they limit the rate.",
        ],
        chart: { x: "target", series: "target", y: "publishedPerSecond", label: "events/s" },
      },
    ];
  },
};

/** Doubles the rate until the server fails, then searches between the last two rates. */
async function greatestRate(target: Target | undefined, { isQuick, log }: Context): Promise<FanOutFigures> {
  if (target === undefined) throw new Error("no server was started");
  const run = async (rate: number, runs: number): Promise<FanOutFigures> => {
    log(`${target.name}: ${rate} events a second`);
    return runFanOut(target, oneChannel(subscribers, rate, isQuick ? 0.5 : 4), runs);
  };
  let kept = 0;
  let lost = Number.POSITIVE_INFINITY;
  while (lost > kept * (isQuick ? 2 : precision)) {
    const rate = lost === Number.POSITIVE_INFINITY ? Math.max(firstRate, kept * 2) : middle(kept, lost);
    // A second try, so that a short disturbance does not end the search.
    if (isKept(await run(rate, 1)) || isKept(await run(rate, 1))) kept = rate;
    else lost = rate;
  }
  for (let rate = kept; ; rate = Math.floor(rate / precision)) {
    const figures = await run(rate, 2);
    if (isKept(figures) || rate <= 1) return figures;
  }
}

function middle(kept: number, lost: number): number {
  return Math.round(kept === 0 ? lost / 2 : Math.sqrt(kept * lost));
}

function isKept({ publishedPerSecond, askedPerSecond, deliveryRatio, p99Ms }: FanOutFigures): boolean {
  return publishedPerSecond >= 0.97 * askedPerSecond && deliveryRatio === 1 && p99Ms < 1000;
}
