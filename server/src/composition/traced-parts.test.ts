import { expect, test } from "bun:test";
import { Writable } from "node:stream";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { pino } from "pino";
import { logFields, noteRoute, requestContext } from "../net/request-context.ts";
import { Tracing } from "../telemetry/tracing.ts";
import { systemClock } from "./system-clock.ts";
import { createTelemetry } from "./telemetry.ts";
import { tracedHandler } from "./traced-parts.ts";

const silent = pino({ level: "silent" });

test("without OpenTelemetry's variables nothing is wrapped, and no request has a context", () => {
  const { tracing, spans } = createTelemetry({}, "node", systemClock, silent);
  expect(tracing).toBeNull();
  expect(spans).toBeNull();
  const handler = { fetch: () => new Response(String(requestContext.getStore())) };
  expect(tracedHandler(handler, tracing, "")).toBe(handler);
  expect(logFields()).toEqual({});
});

function stage(answer: (tracing: Tracing) => Response | Promise<Response>) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracing = new Tracing(provider.getTracer("test"));
  const handler = tracedHandler({ fetch: () => answer(tracing) }, tracing, "/realtime");
  const get = async (path: string, headers = {}) =>
    handler.fetch(new Request(`http://localhost${path}`, { headers }), {});
  return { get, spans: () => exporter.getFinishedSpans() };
}

test("each log line of a request names the request, its app and its trace", async () => {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const log = pino({ mixin: logFields, base: null }, sink);
  const { get, spans } = stage(async () => {
    noteRoute("/api/v1/apps/{appId}", "1");
    await Promise.resolve();
    log.error("broken");
    return new Response(null, { status: 500 });
  });
  const answer = await get("/realtime/api/v1/apps/1", { "x-request-id": "r-1" });
  const { traceId, spanId } = spans()[0]?.spanContext() ?? {};
  expect(lines).toMatchObject([{ msg: "broken", requestId: "r-1", appId: "1", traceId, spanId }]);
  expect(answer.headers.get("x-request-id")).toBe("r-1");
  log.info("idle");
  expect(lines[1]).not.toContainKey("requestId");
  expect(spans()[0]).toMatchObject({ name: "GET /api/v1/apps/{appId}", status: { code: 2 } });
});

test("a queue that a request started belongs to it only until the response", async () => {
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const { promise: sent, resolve: finish } = Promise.withResolvers<object>();
  const deliver = (tracing: Tracing) =>
    tracing.send(
      { appId: "1", attributes: {}, causes: [] },
      async () => null,
      () => ({ attributes: {}, failure: null }),
    );
  const { get, spans } = stage(async (tracing) => {
    await deliver(tracing);
    void answered.then(async () => {
      const fields = logFields();
      await deliver(tracing);
      finish(fields);
    });
    return new Response();
  });
  await get("/realtime/apps/1/events");
  resolve();
  expect(await sent).toEqual({});
  const [during, request, after] = spans();
  expect(during?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId ?? "");
  expect(after?.parentSpanContext).toBeUndefined();
});

test("a request id that is not plain text is replaced by the trace id", async () => {
  const { get, spans } = stage(() => new Response());
  const answer = await get("/realtime/apps/1/events", { "x-request-id": "a b" });
  expect(answer.headers.get("x-request-id")).toBe(spans()[0]?.spanContext().traceId ?? "");
});

test("files and paths outside the prefix are not traced", async () => {
  const { get, spans } = stage(() => new Response());
  for (const path of ["/realtime/dashboard/", "/apps/1/events", "/realtime"]) await get(path);
  expect(spans()).toEqual([]);
});

test("an error of the handler ends its span and is thrown on", async () => {
  const { get, spans } = stage(() => Promise.reject(new TypeError("broken")));
  await expect(get("/realtime/api/v1/server")).rejects.toThrow("broken");
  expect(spans()[0]).toMatchObject({ status: { code: 2, message: "TypeError" } });
});
