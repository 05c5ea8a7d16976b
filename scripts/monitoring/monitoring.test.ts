import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../server/test/support/net/free-port.ts";
import { request, signedPath } from "../../server/test/support/net/http-request.ts";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { DatabaseProcess } from "../../server/test/support/services/database-process.ts";
import { startRedis } from "../../server/test/support/services/redis.ts";
import { until } from "../../server/test/support/until.ts";
import { enter, startWebhookStage, type WebhookStage } from "../../server/test/support/webhook-stage.ts";
import { createIdlePages } from "../docs/metrics-page.ts";
import { alerts } from "./alerts.ts";
import { rows } from "./panels.ts";

const exprsOfPanels = Object.values(rows)
  .flat()
  .flatMap(({ queries }) => queries.map(({ expr }) => expr));

test("each panel and alert uses metrics that the server has", async () => {
  const pages = createIdlePages();
  const text = (await pages.ofProcess()) + (await pages.ofApps());
  const known = new Set<string>();
  for (const [, name = "", type] of text.matchAll(/^# TYPE (\S+) (\S+)/gm)) {
    const ends = type === "histogram" ? ["_bucket", "_count", "_sum"] : [""];
    for (const end of ends) known.add(name + end);
  }
  const exprs = [...exprsOfPanels, ...alerts.map(({ expr }) => expr)];
  const named = exprs.flatMap((expr) => expr.match(/\b(?:soketify|process|nodejs)_\w+/g) ?? []);
  expect(named.length).toBeGreaterThan(exprs.length / 2);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("each query of the dashboard returns series for a clustered server with some traffic", async () => {
  await using cleanups = new AsyncDisposableStack();
  const redis = await startRedis();
  cleanups.defer(() => redis.remove());
  const env = { SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8", SOKETIFY_REDIS_URL: redis.url };
  const stage = cleanups.use(await startWebhookStage([{ events: ["channel_occupied"] }], env));
  const prometheus = await startPrometheus(stage.server.port);
  cleanups.defer(() => prometheus.remove());
  const client = cleanups.use(await stage.client());
  await makeTraffic(stage, client);
  for (const expr of exprsOfPanels) {
    const query = expr.replaceAll("$job", "soketify").replaceAll("$__rate_interval", "1m");
    await until(`series for ${query}`, async () => (await ask(prometheus.url, query)).length > 0);
  }
});

/** Uses the configuration and alerts of deploy/, but with a short interval and this port. */
async function startPrometheus(serverPort: number): Promise<DatabaseProcess> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-prometheus-"));
  const deploy = join(import.meta.dir, "../../deploy");
  const config = readFileSync(join(deploy, "compose/prometheus.yaml"), "utf8")
    .replace("scrape_interval: 15s", "scrape_interval: 500ms")
    .replace("alerts.yaml", join(deploy, "monitoring/alerts.yaml"))
    .replace(/targets: .*/, `targets: ["127.0.0.1:${serverPort}"]`);
  writeFileSync(join(folder, "prometheus.yaml"), config);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const flags = [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`];
  const command = ["prometheus", ...flags, `--web.listen-address=127.0.0.1:${port}`];
  const prometheus = new DatabaseProcess(url, folder, command, () => ask(url, "up"));
  await prometheus.start();
  return prometheus;
}

/** Creates one of each: a subscription, an event, a webhook, and a refused handshake. */
async function makeTraffic(stage: WebhookStage, client: RawClient): Promise<void> {
  const { app, httpUrl } = stage.server;
  await enter(stage, client, "news");
  await stage.receivers[0]?.eventCount(1);
  const body = JSON.stringify({ name: "hello", channel: "news", data: "{}" });
  const path = signedPath(app, { method: "POST", path: `/apps/${app.id}/events`, body });
  expect((await request(httpUrl + path, { method: "POST", body })).status).toBe(200);
  using refused = await RawClient.open(stage.server.webSocketUrl(undefined, "no-such-key"));
  await refused.closed;
}

async function ask(url: string, query: string): Promise<unknown[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  if (!answer.ok) throw new Error(`Prometheus answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { data: { result: unknown[] } }).data.result;
}
