/** Creates the traces and the metrics that are sent over OTLP, if the environment variables enable them. */
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "pino";
import { version } from "../../package.json";
import { ConfigError } from "../config/load-config.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { MetricsPages } from "../metrics/prometheus.ts";
import { serializeMetrics } from "../telemetry/otlp-metrics.ts";
import { OtlpSender } from "../telemetry/otlp-sender.ts";
import { type Environment, type OtlpSettings, readOtlpSettings } from "../telemetry/otlp-settings.ts";
import { type SpanFigures, SpanQueue } from "../telemetry/span-queue.ts";
import { Tracing } from "../telemetry/tracing.ts";

/** Some seconds of spans at full load, so that none is lost while a receiver restarts. */
const queueBytesMax = 8 * 1_048_576;
const attributeLengthMax = 256;

export interface Telemetry {
  /** Null if nothing is traced: then no request and no webhook is wrapped. */
  readonly tracing: Tracing | null;
  /** Null if nothing is traced. */
  readonly spans: (() => SpanFigures) | null;
  /** Begins to send metrics, if the environment variables enable them. */
  start(pages: Pick<MetricsPages, "ofProcess" | "ofApps">): void;
  /** Sends the waiting spans and metrics once. Those that the receiver does not accept are lost. */
  stop(): Promise<void>;
}

/** @throws ConfigError if a variable of OpenTelemetry has a wrong value */
export function createTelemetry(env: Environment, nodeId: string, clock: Clock, log: Logger): Telemetry {
  const problems: string[] = [];
  const settings = readOtlpSettings(env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const resource = resourceFromAttributes({
    "service.name": "soketify",
    "service.version": version,
    "service.instance.id": nodeId,
  }).merge(detectResources({ detectors: [envDetector] }));
  const traces = createTraces(settings.traces, resource, clock, log);
  const metrics = createMetrics(settings.metrics, resource, clock, log);
  return {
    tracing: traces?.tracing ?? null,
    spans: traces && (() => traces.queue.figures),
    start: (pages) => metrics?.start(pages),
    async stop() {
      await Promise.all([traces?.queue.shutdown(), metrics?.stop()]);
    },
  };
}

type Resource = ReturnType<typeof resourceFromAttributes>;

function createTraces(target: OtlpSettings["traces"], resource: Resource, clock: Clock, log: Logger) {
  if (target === null) return null;
  const sender = new OtlpSender(target, "Traces", log);
  const { isJson, everyMs } = target;
  const queue = new SpanQueue({
    isJson,
    everyMs,
    clock,
    bytesMax: queueBytesMax,
    send: (body) => sender.send(body),
  });
  // It reads the sampler from the environment.
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [queue],
    spanLimits: { attributeValueLengthLimit: attributeLengthMax },
  });
  return { queue, tracing: new Tracing(provider.getTracer("soketify", version)) };
}

function createMetrics(target: OtlpSettings["metrics"], resource: Resource, clock: Clock, log: Logger) {
  if (target === null) return null;
  const { isJson, everyMs } = target;
  const sender = new OtlpSender(target, "Metrics", log);
  const startedAtMs = clock.now();
  let sendOnce: () => Promise<void> = async () => undefined;
  let cancel: () => void = () => undefined;
  return {
    start(pages: Pick<MetricsPages, "ofProcess" | "ofApps">) {
      sendOnce = async () => {
        const texts = await Promise.all([pages.ofProcess(), pages.ofApps()]);
        await sender.send(serializeMetrics(texts, resource, { startedAtMs, nowMs: clock.now() }, isJson));
      };
      const later = () => {
        cancel = clock.after(everyMs, () => void sendOnce().finally(later));
      };
      later();
    },
    async stop() {
      cancel();
      await sendOnce();
    },
  };
}
