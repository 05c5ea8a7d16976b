/** Converts the pages for Prometheus to OTLP, so both report the same metrics under the same names. */
import { type HrTime, ValueType } from "@opentelemetry/api";
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from "@opentelemetry/otlp-transformer";
import type { Resource } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** @param pages texts in the format of Prometheus */
export function serializeMetrics(
  pages: readonly string[],
  resource: Resource,
  times: { readonly startedAtMs: number; readonly nowMs: number },
  isJson: boolean,
): Uint8Array<ArrayBuffer> {
  const between = { startTime: hrTime(times.startedAtMs), endTime: hrTime(times.nowMs) };
  const metrics = pages.flatMap(parsePage).map((family) => toMetric(family, between));
  const request = { resource, scopeMetrics: [{ scope: { name: "soketify" }, metrics }] };
  const serializer = isJson ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return new Uint8Array(serializer.serializeRequest(request) ?? []);
}

function parsePage(text: string): Family[] {
  const families: Family[] = [];
  let help = "";
  for (const line of text.split("\n")) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === "HELP") help = rest;
    else if (kind === "TYPE") families.push({ name, help, type: rest, samples: [] });
    else if (line !== "") families.at(-1)?.samples.push(parseSample(line));
  }
  return families.filter(({ samples }) => samples.length > 0);
}

function parseSample(line: string): Sample {
  const end = line.lastIndexOf(" ");
  const [, name = "", , list = ""] = /^(\w+)(\{(.*)\})?$/.exec(line.slice(0, end)) ?? [];
  const pairs = [...list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", value = ""]) => [
    key,
    value.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character)),
  ]);
  const value = line.slice(end + 1).replace("Inf", "Infinity");
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

function toMetric({ name, help, type, samples }: Family, times: Times): MetricData {
  const shared = {
    descriptor: { name, description: help, unit: "", valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (type === "histogram")
    return { ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints: toHistograms(samples, times) };
  const dataPoints = samples.map(({ labels, value }) => ({ ...times, attributes: labels, value }));
  if (type === "counter")
    return { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  return { ...shared, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** Prometheus counts each bucket with all lower ones; OTLP counts it alone. */
function toHistograms(samples: readonly Sample[], times: Times) {
  const groups = new Map<string, { attributes: Record<string, string>; samples: Sample[] }>();
  for (const sample of samples) {
    const { le: _, ...attributes } = sample.labels;
    const key = JSON.stringify(attributes);
    const group = groups.get(key) ?? { attributes, samples: [] };
    group.samples.push(sample);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ attributes, samples: some }) => {
    const buckets = some.filter(({ name }) => name.endsWith("_bucket"));
    const totalOf = (end: string) => some.find(({ name }) => name.endsWith(end))?.value ?? 0;
    return {
      ...times,
      attributes,
      value: {
        count: totalOf("_count"),
        sum: totalOf("_sum"),
        buckets: {
          boundaries: buckets.slice(0, -1).map(({ labels }) => Number(labels.le)),
          counts: buckets.map(({ value }, index) => value - (buckets[index - 1]?.value ?? 0)),
        },
      },
    };
  });
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000];
}
