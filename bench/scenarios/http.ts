/** The HTTP API: signed publishes per second, compared with Bun's hello and with Bun reading a body; and a batch of ten events compared with ten requests. */
import { eventBody } from "../client/publisher.ts";
import { type App, signedRequest } from "../client/signature.ts";
import { startBunBody, startBunHello, startNodeWs, startSoketify } from "../target/target.ts";
import { payloadBytes } from "./fan-out-load.ts";
import { type RequestFigures, requestColumns, runRequests } from "./request-load.ts";
import type { Row, Scenario } from "./scenario.ts";

const data = "x".repeat(payloadBytes);
const batchSize = 10;
const hello = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}";
const publish = (app: App): string => signedRequest(app, "POST", "/events", eventBody("bench", data));
const publishBatch = (app: App): string => {
  const batch = Array.from({ length: batchSize }, () => ({ name: "bench", channel: "bench", data }));
  return signedRequest(app, "POST", "/batch_events", JSON.stringify({ batch }));
};

export const http: Scenario = {
  name: "http",
  summary: "signed publishes/s with 1 and 32 connections, compared with Bun's hello world",
  async run({ isQuick, log, servers = [startBunHello, startBunBody, startSoketify, startNodeWs] }) {
    const figures: RequestFigures[] = [];
    for (const start of servers) {
      const target = await start();
      try {
        for (const connections of [1, 32]) {
          log(`${target.name}: ${connections} connections`);
          const next = start === startBunHello ? () => hello : () => publish(target.app);
          figures.push(await runRequests(target, connections, isQuick ? 1 : 6, next));
        }
      } finally {
        await target.stop();
      }
    }
    const costOfHello = (connections: number): number =>
      figures.find((row) => row.target === "bun hello" && row.connections === connections)
        ?.cpuMicrosPerRequest ?? Number.NaN;
    return [
      {
        title: "HTTP: signed publishes to a channel without subscribers",
        columns: [
          ...requestColumns,
          { key: "perCoreSecond", label: "requests/core-second" },
          { key: "shareOfHello", label: "share of hello", decimals: 2 },
        ],
        rows: figures.map((row) => ({
          ...row,
          perCoreSecond: 1e6 / row.cpuMicrosPerRequest,
          shareOfHello: costOfHello(row.connections) / row.cpuMicrosPerRequest,
        })),
        notes: [
          "bun reading a body gets the same signed requests and only reads URL, headers and body: the minimum cost of any publish.",
          "requests/core-second: requests that a server would handle on a full core, computed from its CPU time. The client signs each request, and is often the slower side.",
        ],
        chart: { x: "connections", series: "target", y: "cpuMicrosPerRequest", label: "CPU-µs/request" },
      },
    ];
  },
};

export const batch: Scenario = {
  name: "batch",
  summary: "ten events in one request compared with ten requests",
  async run({ isQuick }) {
    const target = await startSoketify();
    try {
      const seconds = isQuick ? 1 : 6;
      const single = await runRequests(target, 4, seconds, () => publish(target.app));
      const batched = await runRequests(target, 4, seconds, () => publishBatch(target.app));
      const row = (what: string, figures: RequestFigures, events: number): Row => ({
        what,
        ...figures,
        cpuMicrosPerEvent: figures.cpuMicrosPerRequest / events,
      });
      return [
        {
          title: "Batch",
          columns: [
            { key: "what", label: "request" },
            ...requestColumns,
            { key: "cpuMicrosPerEvent", label: "CPU-µs/event", decimals: 1 },
          ],
          rows: [row("one event", single, 1), row("batch of ten", batched, batchSize)],
          notes: [
            `Ten events in one request cost ${((batched.cpuMicrosPerRequest / (batchSize * single.cpuMicrosPerRequest)) * 100).toFixed(0)} % of ten requests.`,
          ],
        },
      ];
    } finally {
      await target.stop();
    }
  },
};
