import { afterAll, afterEach, expect, test } from "bun:test";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { until } from "../support/until.ts";
import { subscribe, useServer } from "../support/use-server.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";

const otlp = startOtlpReceiver();
const tested = useServer({
  isOneProcess: true,
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20key",
    OTEL_SERVICE_NAME: "chat",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    OTEL_BSP_SCHEDULE_DELAY: "20",
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
    SOKETIFY_WEBHOOK_ALLOW: "127.0.0.1/32",
    SOKETIFY_LOG_FORMAT: "json",
  },
});
const traceId = "0af7651916cd43dd8448eb211c80319c";
const callersSpan = "b7ad6b7169203331";
const traced = { traceparent: `00-${traceId}-${callersSpan}-01`, "x-request-id": "request-7" };

const receivers: WebhookReceiver[] = [];
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop();
});
afterAll(() => otlp.stop());

function spanOf(what: Partial<(typeof otlp.spans)[number]>) {
  return until(`the span ${JSON.stringify(what)}`, () =>
    otlp.spans.find((span) => Object.entries(what).every(([key, value]) => Reflect.get(span, key) === value)),
  );
}

async function addWebhook(events: readonly string[]) {
  const receiver = startWebhookReceiver(tested.server.app);
  receivers.push(receiver);
  const path = `/apps/${tested.server.app.id}/webhooks`;
  const answer = await tested.server.admin("POST", path, { url: receiver.url, events });
  const { webhook } = answer as { webhook: { id: string } };
  return { receiver, path: `${path}/${webhook.id}` };
}

test("a publish continues the trace of its traceparent, and is answered with its request id", async () => {
  const body = JSON.stringify({ name: "greeting", channel: "room", data: "{}" });
  const answer = await tested.api({ method: "POST", path: "/events", body }, traced);
  expect(answer.headers.get("x-request-id")).toBe("request-7");
  expect(await spanOf({ name: "POST /apps/:appId/events" })).toMatchObject({
    traceId,
    parentSpanId: callersSpan,
    kind: 2,
    attributes: {
      "http.request.method": "POST",
      "http.route": "/apps/:appId/events",
      "http.response.status_code": 200,
      "soketify.app.id": tested.server.app.id,
    },
  });
  expect(otlp.resource).toMatchObject({
    "service.name": "chat",
    "deployment.environment.name": "test",
    "service.instance.id": expect.any(String),
  });
  expect(otlp.requests[0]).toMatchObject({ headers: { "api-key": "a key" } });
});

test("an admin request is a trace of its own, named by its pattern", async () => {
  await tested.server.admin("GET", `/apps/${tested.server.app.id}`);
  const span = await spanOf({ name: "GET /api/v1/apps/{appId}" });
  expect(span).toMatchObject({ parentSpanId: "", attributes: { "soketify.app.id": tested.server.app.id } });
  expect(JSON.stringify(otlp.spans)).not.toContain(tested.server.adminToken);
});

test("a request to the HTTP API that causes a webhook passes its trace on to the receiver", async () => {
  const { receiver, path } = await addWebhook(["user_offline"]);
  const client = await tested.pusherJs({ userId: "ann" });
  client.signin();
  await client.user.signinDonePromise;
  await tested.api({ method: "POST", path: "/users/ann/terminate_connections", body: "{}" }, traced);
  client.disconnect();
  await receiver.eventCount(1, 20_000);
  const [, sentTrace, sentSpan] = (receiver.requests[0]?.headers.traceparent ?? "").split("-");
  expect(sentTrace).toBe(traceId);
  const cause = await spanOf({ name: "POST /apps/:appId/users/:userId/terminate_connections" });
  expect(await spanOf({ spanId: sentSpan ?? "" })).toMatchObject({
    traceId,
    kind: 3,
    name: "POST",
    parentSpanId: cause.spanId,
    attributes: {
      "server.address": "127.0.0.1",
      "http.response.status_code": 200,
      "soketify.webhook.events": 1,
      "soketify.webhook.id": path.split("/").at(-1),
      "soketify.app.id": tested.server.app.id,
    },
  });
});

test("a webhook's test belongs to the admin request, and an event of a client to no request", async () => {
  const { receiver, path } = await addWebhook(["channel_occupied"]);
  await tested.server.admin("POST", `${path}/test`);
  const sentSpan = (request?: (typeof receiver.requests)[number]) =>
    spanOf({ spanId: request?.headers.traceparent?.split("-")[2] ?? "" });
  const admin = await spanOf({ name: "POST /api/v1/apps/{appId}/webhooks/{webhookId}/test" });
  expect(await sentSpan(receiver.requests[0])).toMatchObject({ parentSpanId: admin.spanId });
  await subscribe(await tested.pusherJs(), "lobby");
  await until("the webhook of the event", () => receiver.requests.length === 2);
  expect(await sentSpan(receiver.requests[1])).toMatchObject({ parentSpanId: "" });
});

test("the metrics of both pages arrive over OTLP with their labels", async () => {
  await until("metrics", () => otlp.metrics.has("soketify_app_connections"));
  expect(otlp.metrics.get("soketify_events_published_total")).toMatchObject({
    sum: { isMonotonic: true, aggregationTemporality: 2 },
  });
  expect(JSON.stringify(otlp.metrics.get("soketify_app_connections"))).toContain(tested.server.app.id);
  const durations = "soketify_api_request_duration_seconds";
  const histogram = await until("durations", () => otlp.metrics.get(durations));
  expect(JSON.stringify(histogram)).toContain('"explicitBounds"');
});
