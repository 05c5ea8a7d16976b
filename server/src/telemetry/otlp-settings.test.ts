import { expect, test } from "bun:test";
import { type Environment, readOtlpSettings } from "./otlp-settings.ts";

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" };

function read(env: Environment) {
  const problems: string[] = [];
  return { settings: readOtlpSettings(env, problems), problems };
}

test("nothing is sent without an endpoint, or if the SDK is disabled", () => {
  const off = { settings: { traces: null, metrics: null }, problems: [] };
  expect(read({})).toEqual(off);
  expect(read({ ...endpoint, OTEL_SDK_DISABLED: "true" })).toEqual(off);
  expect(read({ ...endpoint, OTEL_TRACES_EXPORTER: "none" })).toEqual(off);
});

test("an endpoint turns traces on; metrics are asked for", () => {
  const shared = { headers: {}, timeoutMs: 10_000, isJson: false };
  expect(read({ ...endpoint, OTEL_METRICS_EXPORTER: "otlp" })).toEqual({
    settings: {
      traces: { ...shared, url: "http://collector:4318/v1/traces", everyMs: 5_000 },
      metrics: { ...shared, url: "http://collector:4318/v1/metrics", everyMs: 60_000 },
    },
    problems: [],
  });
});

test("a variable of one signal is stronger than the shared one", () => {
  const { traces } = read({
    ...endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example.com/otlp",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=one,x-team=a%20b",
    OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
  }).settings;
  expect(traces).toMatchObject({
    url: "https://traces.example.com/otlp",
    isJson: true,
    timeoutMs: 2_000,
    headers: { "api-key": "one", "x-team": "a b" },
  });
});

test.each<[Environment, string]>([
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "http/protobuf or http/json"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, "must be a URL such as http://localhost:4318"],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "secret" }, "must be a list such as api-key=secret"],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "a=%zz" }, "must be a list"],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "10s" }, "whole number of milliseconds"],
  [{ OTEL_TRACES_EXPORTER: "zipkin" }, "must be otlp or none"],
  [{ OTEL_TRACES_SAMPLER: "often" }, "parentbased_traceidratio"],
  [{ OTEL_TRACES_SAMPLER_ARG: "10" }, "from 0 to 1"],
])("%j is refused in words", (env, words) => {
  const { problems } = read({ ...endpoint, ...env });
  expect(problems.filter((problem) => problem.includes(words))).toHaveLength(1);
});
