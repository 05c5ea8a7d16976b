/** A receiver of OTLP over HTTP, like a collector. It stores the received data. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code?: number; readonly message?: string };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface OtlpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly requests: readonly OtlpRequest[];
  readonly spans: readonly SpanRecord[];
  /** By name: of each metric the newest data, as OTLP has it. */
  readonly metrics: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** The attributes of the sending service. */
  readonly resource: Readonly<Record<string, unknown>>;
  /** The status of the answers from now on. */
  answerWith(status: number): void;
  stop(): Promise<void>;
}

export function startOtlpReceiver(port = 0): OtlpReceiver {
  const requests: OtlpRequest[] = [];
  const spans: SpanRecord[] = [];
  const metrics = new Map<string, Readonly<Record<string, unknown>>>();
  let resource = {};
  let status = 200;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    async fetch(request) {
      const body = await request.arrayBuffer();
      const headers = Object.fromEntries(request.headers);
      requests.push({ path: new URL(request.url).pathname, headers, bytes: body.byteLength });
      if (status !== 200) return new Response(null, { status });
      if (headers["content-type"] !== "application/json") return new Response();
      const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(new TextDecoder().decode(body));
      for (const one of [...resourceSpans, ...resourceMetrics]) resource = toObject(one.resource.attributes);
      const scopes = resourceSpans.flatMap((one: { scopeSpans: unknown[] }) => one.scopeSpans);
      for (const { spans: some } of scopes)
        for (const span of some)
          spans.push({ parentSpanId: "", ...span, attributes: toObject(span.attributes) });
      const measured = resourceMetrics.flatMap((one: { scopeMetrics: unknown[] }) => one.scopeMetrics);
      for (const { metrics: some } of measured) for (const metric of some) metrics.set(metric.name, metric);
      return Response.json({});
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    spans,
    metrics,
    get resource() {
      return resource;
    },
    answerWith(next) {
      status = next;
    },
    stop: () => server.stop(true),
  };
}

function toObject(attributes: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
