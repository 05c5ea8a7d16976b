/** Compares Soketify with Centrifugo: fan-out and publishes, alternately in one run. */
import { publishRequest } from "../client/publisher.ts";
import { buildCentrifugo, centrifugoVersion } from "../target/centrifugo.ts";
import { startSoketify, withTargets } from "../target/target.ts";
import {
  contender,
  type FanOutFigures,
  fanOutColumns,
  oneChannel,
  payloadBytes,
  runSideBySide,
} from "./fan-out-load.ts";
import { type RequestFigures, requestColumns, runRequests } from "./request-load.ts";
import type { Scenario } from "./scenario.ts";

const data = "x".repeat(payloadBytes);

export const peers: Scenario = {
  name: "peers",
  summary: "fan-out and publishes compared with Centrifugo, if Go is installed to build it",
  async run({ isQuick, log }) {
    log(`building Centrifugo ${centrifugoVersion}`);
    const startCentrifugo = buildCentrifugo();
    if (startCentrifugo === null) {
      log("Go is not installed, so Centrifugo cannot be built");
      return [];
    }
    const deliveries: FanOutFigures[] = [];
    const requests: RequestFigures[] = [];
    await withTargets([startSoketify, startCentrifugo], async (targets) => {
      for (const rate of isQuick ? [50] : [50, 100, 400, 800]) {
        log(`1,000 subscribers x ${rate} events/s`);
        const load = oneChannel(isQuick ? 100 : 1000, rate, isQuick ? 1 : 6);
        deliveries.push(...(await runSideBySide(targets.map(contender), load, isQuick ? 1 : 2)));
      }
      for (const connections of [1, 32])
        for (const target of targets) {
          log(`${target.name}: publishes over ${connections} connections`);
          const next = () => publishRequest(target, "bench", data);
          requests.push(await runRequests(target, connections, isQuick ? 1 : 6, next));
        }
    });
    return [
      {
        title: `Fan-out compared with Centrifugo ${centrifugoVersion}`,
        columns: [{ key: "load", label: "subscribers x events/s" }, ...fanOutColumns],
        rows: deliveries.map((row) => ({ load: `${row.subscribers} x ${row.askedPerSecond}`, ...row })),
        notes: [
          "Deliveries are publications: Centrifugo may put several into one WebSocket frame. Its clients speak its JSON protocol. It runs with GOMAXPROCS=1, because each server has one core.",
        ],
        chart: { x: "load", series: "target", y: "cpuMicrosPerDelivery", label: "CPU-µs/delivery" },
      },
      {
        title: `Publishes compared with Centrifugo ${centrifugoVersion}`,
        columns: requestColumns,
        rows: requests.map((row) => ({ ...row })),
        notes: ["Centrifugo checks an API key. Soketify verifies a signature and the MD5 of the body."],
      },
    ];
  },
};
