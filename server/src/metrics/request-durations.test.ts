import { expect, test } from "bun:test";
import { Histogram, Registry } from "prom-client";
import { RequestDurations } from "./request-durations.ts";

const observed = [
  { method: "POST", route: "/apps/:appId/events", status: 200, durationMs: 0.1 },
  { method: "POST", route: "/apps/:appId/events", status: 200, durationMs: 0.11 },
  { method: "POST", route: "/apps/:appId/events", status: 401, durationMs: 0 },
  { method: "GET", route: "/apps/:appId/channels", status: 200, durationMs: 1_000 },
  { method: "GET", route: "/apps/:appId/channels", status: 200, durationMs: 1_001 },
];

test("the output equals prom-client's histogram of the same observations", async () => {
  const registry = new Registry();
  const theirs = new Histogram({
    name: "soketify_api_request_duration_seconds",
    help: "Time from an HTTP API request to its response",
    labelNames: ["method", "route", "status"],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1],
    registers: [registry],
  });
  const ours = new RequestDurations();
  for (const request of observed) {
    const { durationMs, ...labels } = request;
    theirs.observe(labels, durationMs / 1000);
    ours.observe(request);
  }
  expect(ours.text()).toBe(await registry.metrics());
});

test("without requests the output is the histogram's header only", () => {
  expect(new RequestDurations().text().split("\n")).toHaveLength(3);
});
