/** The cost of TLS: without TLS, with TLS in the server's process, and with TLS in nginx. */
import { startSoketify, withTargets } from "../target/target.ts";
import { startNginxWithTls, startSoketifyWithTls } from "../target/tls.ts";
import { connectAll } from "./connections.ts";
import { contender, type FanOutFigures, fanOutColumns, oneChannel, runSideBySide } from "./fan-out-load.ts";
import type { Row, Scenario } from "./scenario.ts";

/** Low, because the runtime handles the newest handshakes first and closes those that have waited for ten seconds. */
const connectsAtOnce = 32;

const starts = [startSoketify, startSoketifyWithTls, startNginxWithTls];

export const tls: Scenario = {
  name: "tls",
  summary: "fan-out and connects without TLS, with TLS in the process, and with TLS in nginx",
  async run({ isQuick, log }) {
    const deliveries: FanOutFigures[] = [];
    const connects: Row[] = [];
    await withTargets(starts, async (targets) => {
      for (const rate of isQuick ? [50] : [50, 100]) {
        log(`1,000 subscribers x ${rate} events/s`);
        const load = oneChannel(isQuick ? 100 : 1000, rate, isQuick ? 1 : 6);
        deliveries.push(...(await runSideBySide(targets.map(contender), load, isQuick ? 1 : 2)));
      }
      const count = isQuick ? 100 : 2000;
      // During the first connects, each server still compiles its code.
      for (const isCounted of [false, true])
        for (const target of targets) {
          log(`${target.name}: ${count} connections`);
          const row = await connectAll(target, count, connectsAtOnce);
          if (isCounted) connects.push(row);
        }
    });
    return [
      {
        title: "TLS: fan-out",
        columns: [
          { key: "load", label: "subscribers x events/s" },
          { key: "serverMicros", label: "server CPU-µs/delivery", decimals: 2 },
          { key: "proxyMicrosPerDelivery", label: "nginx CPU-µs/delivery", decimals: 2 },
          ...fanOutColumns,
        ],
        rows: deliveries.map((row) => ({
          load: `${row.subscribers} x ${row.askedPerSecond}`,
          ...row,
          serverMicros: row.cpuMicrosPerDelivery - row.proxyMicrosPerDelivery,
          proxyMicrosPerDelivery: row.proxyMicrosPerDelivery || null,
        })),
        notes: [
          "The CPU time of the server includes nginx. Both run on one core. nginx has one worker. Both have an RSA certificate of 2,048 bits.",
        ],
        chart: { x: "load", series: "target", y: "cpuMicrosPerDelivery", label: "CPU-µs/delivery" },
      },
      {
        title: "TLS: connects with a private subscription each",
        columns: [
          { key: "target", label: "server" },
          { key: "connections", label: "connections" },
          { key: "perSecond", label: "connects/s" },
          { key: "serverMicros", label: "server CPU-µs each", decimals: 1 },
          { key: "proxyMicrosEach", label: "nginx CPU-µs each", decimals: 1 },
          { key: "cpuMicrosEach", label: "CPU-µs each", decimals: 1 },
          { key: "serverCore", label: "server CPU, cores", decimals: 2 },
          { key: "foreignCore", label: "other CPU, cores", decimals: 2 },
        ],
        rows: connects.map((row) => ({
          ...row,
          serverMicros: Number(row.cpuMicrosEach) - Number(row.proxyMicrosEach),
          proxyMicrosEach: row.proxyMicrosEach || null,
        })),
        notes: [
          `Each connect makes a full TLS handshake, because the client resumes no session. ${connectsAtOnce} connects run at the same time. The table shows the second of two rounds.`,
        ],
      },
    ];
  },
};
