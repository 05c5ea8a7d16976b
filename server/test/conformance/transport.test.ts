import { expect, test } from "bun:test";
import { request } from "../support/net/http-request.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();
const chosen = process.env.TEST_TRANSPORT ?? "websocket";

test("each client has the transport that it chose, and the dashboard names it", async () => {
  const { connection } = await stage.pusherJs();
  const light = await stage.raw();
  const socket = await stage.webSocket();
  for (const [socketId, transport] of [
    [connection.socket_id, chosen],
    [light.socketId, chosen],
    [socket.socketId, "websocket"],
  ]) {
    const path = `/apps/${stage.server.app.id}/connections/${socketId}`;
    expect(await stage.server.admin("GET", path)).toMatchObject({ connection: { transport } });
  }
});

/** Of all nodes, by transport. */
type Counts = Record<string, number>;

async function inMetrics(): Promise<Counts> {
  const counts: Counts = {};
  for (const port of stage.nodePorts) {
    const { text } = await request(`http://127.0.0.1:${port}/metrics`);
    for (const [, transport = "", count] of text.matchAll(
      /^soketify_transport_connections\{transport="(\w+)"\} (\d+)$/gm,
    ))
      counts[transport] = (counts[transport] ?? 0) + Number(count);
  }
  return counts;
}

async function inNodes(): Promise<Counts> {
  const { nodes } = (await stage.server.admin("GET", "/nodes")) as {
    readonly nodes: readonly { readonly connectionsByTransport: Counts }[];
  };
  const counts: Counts = {};
  for (const { connectionsByTransport } of nodes)
    for (const [transport, count] of Object.entries(connectionsByTransport))
      counts[transport] = (counts[transport] ?? 0) + count;
  return counts;
}

test("the metrics and the nodes of the dashboard count the connections of each transport", async () => {
  await stage.connectionsCounted(0);
  await stage.raw();
  await stage.webSocket();
  const none = { websocket: 1, xhr_streaming: 0, xhr_polling: 0 };
  const expected = { ...none, [chosen]: (none[chosen as keyof typeof none] ?? 0) + 1 };
  for (const counts of [inMetrics, inNodes])
    await until("the transports to be counted", async () => Bun.deepEquals(await counts(), expected));
});
