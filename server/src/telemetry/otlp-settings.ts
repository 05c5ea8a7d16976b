/**
 * Reads the standard variables of OpenTelemetry. They are not options of Soketify, because collectors, operators and
 * other services of the same deployment already set them under these names.
 * See https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where one signal is sent, and how. */
export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly isJson: boolean;
}

export interface PeriodicTarget extends OtlpTarget {
  readonly everyMs: number;
}

export interface OtlpSettings {
  /** Null: no traces. */
  readonly traces: PeriodicTarget | null;
  /** Null: no metrics. */
  readonly metrics: PeriodicTarget | null;
}

type Signal = "TRACES" | "METRICS";

const defaultEndpoint = "http://localhost:4318";
const samplers = ["always_on", "always_off", "traceidratio"].flatMap((name) => [name, `parentbased_${name}`]);
const millisecondsMax = 3_600_000;

/** @param problems receives a sentence for each wrong value; it contains no secret */
export function readOtlpSettings(env: Environment, problems: string[]): OtlpSettings {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return { traces: null, metrics: null };
  const hasEndpoint = Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
  const traces = isOn(env, "TRACES", hasEndpoint, problems) ? readTarget(env, "TRACES", problems) : null;
  const metrics = isOn(env, "METRICS", false, problems) ? readTarget(env, "METRICS", problems) : null;
  if (traces !== null) checkSampler(env, problems);
  const every = (name: string, ofDefault: number) => ({
    everyMs: readMilliseconds(env, name, ofDefault, problems),
  });
  return {
    traces: traces && { ...traces, ...every("OTEL_BSP_SCHEDULE_DELAY", 5_000) },
    metrics: metrics && { ...metrics, ...every("OTEL_METRIC_EXPORT_INTERVAL", 60_000) },
  };
}

function isOn(env: Environment, signal: Signal, ofDefault: boolean, problems: string[]): boolean {
  const name = `OTEL_${signal}_EXPORTER`;
  const given = env[name] || (ofDefault ? "otlp" : "none");
  if (given !== "otlp" && given !== "none") problems.push(`${name} is ${given}: it must be otlp or none.`);
  return given === "otlp";
}

function readTarget(env: Environment, signal: Signal, problems: string[]): OtlpTarget {
  const own = (end: string) => `OTEL_EXPORTER_OTLP_${signal}_${end}`;
  const nameOf = (end: string) => (env[own(end)] ? own(end) : `OTEL_EXPORTER_OTLP_${end}`);
  const protocol = env[nameOf("PROTOCOL")] || "http/protobuf";
  if (protocol !== "http/protobuf" && protocol !== "http/json")
    problems.push(
      `${nameOf("PROTOCOL")} is ${protocol}: Soketify sends http/protobuf or http/json. A collector receives both on port 4318.`,
    );
  const endpoint = env[nameOf("ENDPOINT")] || defaultEndpoint;
  const url = env[own("ENDPOINT")] ? endpoint : `${endpoint.replace(/\/$/, "")}/v1/${signal.toLowerCase()}`;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    problems.push(`${nameOf("ENDPOINT")} must be a URL such as ${defaultEndpoint}.`);
  return {
    url,
    headers: readHeaders(env[nameOf("HEADERS")] ?? "", nameOf("HEADERS"), problems),
    timeoutMs: readMilliseconds(env, nameOf("TIMEOUT"), 10_000, problems),
    isJson: protocol === "http/json",
  };
}

function readHeaders(text: string, name: string, problems: string[]): Record<string, string> {
  const headers = new Headers();
  for (const pair of text.split(",").filter((part) => part.trim() !== "")) {
    const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    try {
      headers.set(decodeURIComponent(key ?? ""), decodeURIComponent((value ?? "").trim()));
    } catch {
      problems.push(`${name} must be a list such as api-key=secret,x-team=chat, percent-encoded.`);
    }
  }
  return Object.fromEntries(headers);
}

function readMilliseconds(env: Environment, name: string, ofDefault: number, problems: string[]): number {
  const given = env[name];
  if (!given) return ofDefault;
  const value = /^\d{1,7}$/.test(given) ? Number(given) : 0;
  if (value >= 1 && value <= millisecondsMax) return value;
  problems.push(`${name} must be a whole number of milliseconds from 1 to ${millisecondsMax}.`);
  return ofDefault;
}

function checkSampler(env: Environment, problems: string[]): void {
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio } = env;
  if (sampler && !samplers.includes(sampler))
    problems.push(`OTEL_TRACES_SAMPLER is ${sampler}: it must be one of ${samplers.join(", ")}.`);
  if (ratio && !(Number(ratio) >= 0 && Number(ratio) <= 1))
    problems.push("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, such as 0.1.");
}
