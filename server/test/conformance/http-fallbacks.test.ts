/** Stock pusher-js in a browser without WebSocket: over the HTTP fallbacks, directly and through a buffering proxy. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { ClientPages, fallbackTransports as transports } from "../support/client-pages.ts";
import { freePort } from "../support/net/free-port.ts";
import { startNginxBalancer } from "../support/net/nginx.ts";
import { TcpProxy } from "../support/net/tcp-proxy.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();
setDefaultTimeout(120_000);

const channels = ["news", "private-news", "presence-news"];

let pages: ClientPages;

beforeAll(async () => {
  pages = await ClientPages.start(stage.server.app.key, stage.backend());
});

afterAll(() => pages.close());

test.each(transports)(
  "every type of channel works over %s, and a lost client reconnects",
  async (transport) => {
    await stage.changeApp({ settings: { clientEventsEnabled: true } });
    const { port } = stage.server;
    const proxy = await TcpProxy.open([port]);
    const kinds = ["cache", "private-cache", "presence-cache", "private-encrypted-cache"];
    // The app is the same for both transports, and its caches outlive a test.
    const caches = kinds.map((kind) => `${kind}-${transport}`);
    const all = [...channels, "private-encrypted-news", ...caches];
    const ann = await pages.open({ port, transport, userId: "ann", channels: all });
    const bob = await pages.open({ port: proxy.port, transport, userId: "bob", channels: all });
    await ann.receives("presence-news added bob");
    for (const name of caches) await bob.receives(`${name} missed`);
    // The pusher package refuses an encrypted channel among others.
    for (const name of all) await stage.backend().trigger(name, "e", "1");
    for (const name of all) await bob.receives(`${name} e 1`);
    await ann.run('client.channel("private-news").trigger("client-e", "hi")');
    await bob.receives("private-news client-e hi");

    const connections = `/apps/${stage.server.app.id}/connections`;
    const shown = await stage.server.admin(
      "GET",
      `${connections}/${await bob.run("client.connection.socket_id")}`,
    );
    expect(shown).toMatchObject({ connection: { transport, client: "js" } });
    await bob.run('client.unsubscribe("presence-news")');
    await ann.receives("presence-news removed bob");

    proxy.targets = [];
    proxy.cut();
    await until(
      "the client to be lost",
      async () => (await bob.run("client.connection.state")) !== "connected",
    );
    proxy.targets = [port];
    await bob.receives("connected", 2);
    await bob.receives("private-news subscribed", 2);
    for (const name of caches) await bob.receives(`${name} e 1`, 2);
    for (const name of ["private-news", "private-encrypted-news"]) {
      await stage.backend().trigger(name, "e", "2");
      await bob.receives(`${name} e 2`);
    }
    const misses = (await bob.received()).filter((text) => text.endsWith(" missed"));
    expect(misses.toSorted()).toEqual(caches.map((name) => `${name} missed`).toSorted());

    await stage.server.admin("DELETE", `${connections}/${await bob.run("client.connection.socket_id")}`);
    await bob.receives("closed with 4009");
    expect((await ann.received()).filter((text) => text.includes("client-e"))).toEqual([]);
    for (const client of [ann, bob]) await client.close();
    await proxy.close();
  },
);

test.each(transports)("no event is lost over %s while answers are renewed", async (transport) => {
  const { port } = stage.server;
  const client = await pages.open({ port, transport, userId: "ann", channels: ["news"] });
  const count = 80;
  for (let event = 0; event < count; event++)
    await stage.backend().trigger("news", "e", `${event} ${"x".repeat(8_000)}`);
  await client.receives(`news e ${count - 1} ${"x".repeat(8_000)}`);
  const numbers = (await client.received())
    .filter((text) => text.startsWith("news e"))
    .map((text) => text.split(" ")[2]);
  expect(numbers).toEqual(Array.from({ length: count }, (_, event) => String(event)));
  expect(await client.run<string>("client.connection.state")).toBe("connected");
  expect((await client.received()).filter((text) => text === "connected")).toHaveLength(1);
  await client.close();
});

test.each(transports)("%s works through nginx that buffers answers", async (transport) => {
  const port = await freePort();
  const nginx = await startNginxBalancer(port, stage.nodePorts, { buffers: true });
  try {
    const client = await pages.open({ port, transport, userId: "ann", channels });
    for (const data of ["1", "2"]) {
      await stage.backend().trigger(channels, "e", data);
      for (const name of channels) await client.receives(`${name} e ${data}`);
    }
    await client.close();
  } finally {
    await nginx.remove();
  }
});
