/** Clients without WebSocket whose requests land on another node than their session, while nodes die. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type RunningCluster, startCluster } from "../support/start-cluster.ts";
import type { RunningServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

let cluster: RunningCluster;
beforeAll(async () => {
  cluster = await startCluster(3);
});
afterAll(() => cluster?.remove());

function ask(
  node: RunningServer | undefined,
  session: string,
  kind: string,
  body?: string,
): Promise<Response> {
  const path = `/pusher/app/${cluster.front.app.key}/1/${session}/${kind}?protocol=7&client=js&version=8.6.0`;
  return fetch(`http://${node?.host}:${node?.listenPort}${path}`, { method: "POST", body: body ?? null });
}

/** Reads a streaming answer until it has this text, or ends. Its head may come with its first text. */
async function readUntil(answering: Promise<Response>, wanted: string): Promise<string> {
  const answer = await answering;
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (wanted !== "" && text.includes(wanted)) break;
  }
  return text;
}

const subscribe = JSON.stringify([JSON.stringify({ event: "pusher:subscribe", data: { channel: "news" } })]);
const subscribed = "subscription_succeeded";

/** On the nodes that answer in time. */
async function connectionCount(): Promise<number> {
  const path = `/apps/${cluster.front.app.id}/connections`;
  const { connections } = (await cluster.front.admin("GET", path)) as { connections: readonly object[] };
  return connections.length;
}

test("a client continues when the node that forwards its answer dies, and when the node of its session dies", async () => {
  const [front, first, second] = cluster.nodes;
  cluster.balancer.targets = [front?.listenPort ?? 0];
  expect(await (await ask(first, "abcdefgh", "xhr")).text()).toStartWith("o\n");
  const streaming = readUntil(ask(second, "abcdefgh", "xhr_streaming"), subscribed);
  expect((await ask(front, "abcdefgh", "xhr_send", subscribe)).status).toBe(204);
  expect(await streaming).toContain(subscribed);

  const carried = readUntil(ask(second, "abcdefgh", "xhr_streaming"), "").catch(() => "broken");
  expect((await ask(front, "abcdefgh", "xhr_send", "[]")).status).toBe(204);
  await until("the session to be listed", async () => (await connectionCount()) === 1);
  process.kill(second?.servingPid ?? 0, "SIGKILL");
  // A stream that breaks ends without a line that closes the session.
  expect(await carried).not.toContain("c[");
  await until("the session without an answer to end", async () => (await connectionCount()) === 0);

  expect(await (await ask(first, "ijklmnop", "xhr")).text()).toStartWith("o\n");
  const closed = readUntil(ask(front, "ijklmnop", "xhr_streaming"), "c[4200,");
  expect((await ask(front, "ijklmnop", "xhr_send", "[]")).status).toBe(204);
  process.kill(first?.servingPid ?? 0, "SIGKILL");
  expect(await closed).toContain("c[4200,");
});
