/** The HTTP API: signed publishes per second, compared with Bun's hello and with Bun reading a body; and a batch of ten events compared with ten requests. */
import { eventBody } from "../client/publisher.ts";
import { type App, signedRequest } from "../client/signature.ts";
import { startBunBody, startBunHello, startNodeWs, startSoketify, type Target } from "../target/target.ts";
import { payloadBytes } from "./fan-out-load.ts";
import { type RequestFigures, requestColumns, runRequests } from "./request-load.ts";
import type { Column, Row, Scenario } from "./scenario.ts";
import { supports, unsupportedRow } from "./support.ts";

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
    const unsupported: Row[] = [];
    const columns: Column[] = [
      ...requestColumns,
      { key: "perCoreSecond", label: "requests/core-second" },
      { key: "shareOfHello", label: "share of hello", decimals: 2 },
    ];
    for (const start of servers) {
      const target = await start();
      try {
        for (const connections of [1, 32]) {
          log(`${target.name}: ${connections} connections`);
          const next = start === startBunHello ? () => hello : () => publish(target.app);
          if (supports(target, "publishes"))
            figures.push(await runRequests(target, connections, isQuick ? 1 : 6, next));
          else unsupported.push(unsupportedRow(columns, { target: target.name, connections }));
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
        columns,
        rows: [
          ...figures.map((row) => ({
            ...row,
            perCoreSecond: 1e6 / row.cpuMicrosPerRequest,
            shareOfHello: costOfHello(row.connections) / row.cpuMicrosPerRequest,
          })),
          ...unsupported,
        ],
        notes: [
          "bun reading a body gets the same signed requests and only reads URL, headers and body: the minimum cost of any publish.",
          "requests/core-second: requests that a server would handle on a full core, computed from its CPU time. The client signs each request, and often limits the rate.",
        ],
        chart: { x: "connections", series: "target", y: "cpuMicrosPerRequest", label: "CPU-µs/request" },
      },
    ];
  },
};

const batchColumns: readonly Column[] = [
  { key: "what", label: "request" },
  ...requestColumns,
  { key: "cpuMicrosPerEvent", label: "CPU-µs/event", decimals: 1 },
  { key: "sharePercent", label: "share %" },
];

export const batch: Scenario = {
  name: "batch",
  summary: "ten events in one request compared with ten requests, with 1 and 4 connections",
  async run({ isQuick, log, servers = [startSoketify] }) {
    const rows: Row[] = [];
    for (const start of servers) {
      const target = await start();
      try {
        for (const connections of [1, 4]) {
          log(`${target.name}: ${connections} connections`);
          rows.push(...(await batchRows(target, connections, isQuick ? 1 : 6)));
        }
      } finally {
        await target.stop();
      }
    }
    return [
      {
        title: "Batches of ten events",
        columns: batchColumns,
        rows,
        notes: [
          "Share: the CPU time of one request with ten events, divided by that of ten requests with one event each.",
        ],
      },
    ];
  },
};

async function batchRows(target: Target, connections: number, seconds: number): Promise<Row[]> {
  if (!supports(target, "batches"))
    return [unsupportedRow(batchColumns, { what: "batch of ten", target: target.name, connections })];
  const single = await runRequests(target, connections, seconds, () => publish(target.app));
  const batched = await runRequests(target, connections, seconds, () => publishBatch(target.app));
  const perEvent = batched.cpuMicrosPerRequest / batchSize;
  return [
    { what: "one event", ...single, cpuMicrosPerEvent: single.cpuMicrosPerRequest },
    {
      what: "batch of ten",
      ...batched,
      cpuMicrosPerEvent: perEvent,
      sharePercent: (perEvent / single.cpuMicrosPerRequest) * 100,
    },
  ];
}
