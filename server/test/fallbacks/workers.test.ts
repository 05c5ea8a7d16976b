/** Stock pusher-js in a browser without WebSocket, with the workers of one machine: each request may land on any. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import Pusher from "pusher";
import { ClientPages, fallbackTransports, type PageClient } from "../support/client-pages.ts";
import { startRedis } from "../support/services/redis.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";

setDefaultTimeout(240_000);

const channel = "presence-desk";
let redis: Awaited<ReturnType<typeof startRedis>>;
let server: RunningServer;
let pages: ClientPages;
let backend: Pusher;

beforeAll(async () => {
  redis = await startRedis();
  server = await startServer({ flags: ["--workers", "2"], env: { SOKETIFY_REDIS_URL: redis.url } });
  const { app, host, port } = server;
  backend = new Pusher({ appId: app.id, key: app.key, secret: app.secret, host, port: String(port) });
  await server.admin("PATCH", `/apps/${app.id}`, { settings: { clientEventsEnabled: true } });
  pages = await ClientPages.start(app.key, backend);
});

afterAll(async () => {
  await pages?.close();
  await server?.remove();
  await redis?.remove();
});

/** The number of workers that hold connections. */
async function workersInUse(): Promise<number> {
  const { connections } = (await server.admin("GET", `/apps/${server.app.id}/connections`)) as {
    readonly connections: readonly { readonly node: { readonly id: string } | null }[];
  };
  return new Set(connections.map(({ node }) => node?.id)).size;
}

test.each(fallbackTransports)(
  "clients on both workers receive each other's events over %s",
  async (transport) => {
    const { port } = server;
    const clients: PageClient[] = [];
    while (clients.length < 2 || (await workersInUse()) < 2)
      clients.push(
        await pages.open({ port, transport, userId: `user-${clients.length}`, channels: [channel] }),
      );
    for (const [index, client] of clients.entries()) {
      await client.run(`client.channel("${channel}").trigger("client-e", "from ${index}")`);
      for (const other of clients)
        if (other !== client) await other.receives(`${channel} client-e from ${index}`);
    }
    for (const data of ["1", "2", "3"]) await backend.trigger(channel, "e", data);
    for (const client of clients) {
      await client.receives(`${channel} e 3`);
      const received = (await client.received()).filter((text) => text.startsWith(`${channel} e `));
      expect(received).toEqual(["1", "2", "3"].map((data) => `${channel} e ${data}`));
    }
    await clients.at(-1)?.close();
    await clients[0]?.receives(`${channel} removed user-${clients.length - 1}`);
    for (const client of clients.slice(0, -1)) await client.close();
  },
);
