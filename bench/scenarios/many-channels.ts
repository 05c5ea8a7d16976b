/** Many channels: whether the cost of an event grows with the number of other channels and connections. */
import { startSoketify } from "../target/target.ts";
import { fanOutColumns, runFanOut } from "./fan-out-load.ts";
import type { Column, Row, Scenario } from "./scenario.ts";
import { supports, unsupportedRow } from "./support.ts";

/** High enough that the server handles several events in each loop turn: at lower rates, waking up costs more than the publish. */
const eventsPerSecond = 4000;
const sharedChannels = Array.from({ length: 10 }, (_, index) => `shared-${index}`);

const columns: readonly Column[] = [{ key: "connections", label: "connections" }, ...fanOutColumns];

export const manyChannels: Scenario = {
  name: "channels",
  summary: "10,000 connections, each in its own channel and ten shared ones; events to single channels",
  async run({ isQuick, log, servers = [startSoketify] }) {
    const rows: Row[] = [];
    for (const subscribers of isQuick ? [100, 500] : [100, 1000, 10_000]) {
      const load = {
        subscribers,
        channels: ["own-%d", ...sharedChannels],
        reach: 1,
        eventsPerSecond,
        seconds: isQuick ? 1 : 8,
        channelOf: (sequence: number) => `own-${(sequence * 7919) % subscribers}`,
      };
      log(`${subscribers} connections, ${subscribers + sharedChannels.length} channels`);
      for (const start of servers) {
        const target = await start();
        try {
          rows.push(
            supports(target, "events")
              ? { connections: subscribers, ...(await runFanOut(target, load, isQuick ? 1 : 2)) }
              : unsupportedRow(columns, { connections: subscribers, target: target.name }),
          );
        } finally {
          await target.stop();
        }
      }
    }
    return [
      {
        title: `Many channels: ${eventsPerSecond} events/s, each to one channel of one connection`,
        columns,
        rows,
        notes: [
          "Each connection is in its own channel and in ten shared ones. The cost includes the whole publish.",
        ],
      },
    ];
  },
};
