/** Stock pusher-js in a browser without WebSocket: over the HTTP fallbacks, directly and through a buffering proxy. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import type PusherJs from "pusher-js";
import { type AuthEndpoint, startAuthEndpoint } from "../support/auth-endpoint.ts";
import { launchChromium } from "../support/chromium.ts";
import { freePort } from "../support/net/free-port.ts";
import { startNginxBalancer } from "../support/net/nginx.ts";
import { TcpProxy } from "../support/net/tcp-proxy.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();
setDefaultTimeout(120_000);

const transports = ["xhr_streaming", "xhr_polling"] as const;
const channels = ["news", "private-news", "presence-news"];
const script = createRequire(import.meta.url).resolve("pusher-js/dist/web/pusher.min.js");

let browser: Browser;
let auth: AuthEndpoint;
let site: Bun.Server<undefined>;

beforeAll(async () => {
  browser = await launchChromium();
  auth = startAuthEndpoint(stage.backend(), stage.backend("wrong"));
  site = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes: {
      "/": new Response("<script>delete window.WebSocket</script><script src=/pusher.js></script>", {
        headers: { "content-type": "text/html" },
      }),
      "/pusher.js": () => new Response(Bun.file(script), { headers: { "content-type": "text/javascript" } }),
      "/auth": async (request) => fetch(auth.url, { method: "POST", body: await request.text() }),
    },
    fetch: () => new Response(null, { status: 404 }),
  });
});

afterAll(async () => {
  await browser.close();
  await site.stop(true);
  await auth.stop();
});

interface Listening {
  readonly key: string;
  readonly port: number;
  readonly transport: (typeof transports)[number];
  readonly userId: string;
  readonly channels: readonly string[];
}

/** Runs in the page, so it uses nothing from outside. Records the frames that the client receives. */
function listen(
  Pusher: typeof PusherJs,
  { key, port, transport, userId, channels }: Listening,
  hear: (text: string) => void,
): PusherJs {
  const pusher = new Pusher(key, {
    ...{ httpHost: "127.0.0.1", httpPort: port, forceTLS: false, cluster: "default", disableStats: true },
    enabledTransports: [transport],
    channelAuthorization: { transport: "ajax", endpoint: "/auth", params: { user_id: userId } },
  });
  pusher.connection.bind("connected", () => hear("connected"));
  pusher.connection.bind("error", ({ data }: { data?: { code: number } }) =>
    hear(`closed with ${data?.code}`),
  );
  for (const name of channels) {
    const channel = pusher.subscribe(name);
    channel.bind("pusher:subscription_succeeded", () => hear(`${name} subscribed`));
    channel.bind("pusher:member_added", ({ id }: { id: string }) => hear(`${name} added ${id}`));
    channel.bind("pusher:member_removed", ({ id }: { id: string }) => hear(`${name} removed ${id}`));
    channel.bind("e", (data: string) => hear(`${name} e ${data}`));
    channel.bind("client-e", (data: string) => hear(`${name} client-e ${data}`));
  }
  return pusher;
}

class Client {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(listening: Omit<Listening, "key">): Promise<Client> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(site.url.href);
    const options = JSON.stringify({ ...listening, key: stage.server.app.key });
    await page.evaluate(
      `window.heard = []; window.client = (${listen})(Pusher, ${options}, (text) => heard.push(text));`,
    );
    const client = new Client(page);
    for (const name of listening.channels) await client.hears(`${name} subscribed`);
    return client;
  }

  received(): Promise<string[]> {
    return this.run("heard");
  }

  /** Waits until it has received this text `times` times. */
  async hears(text: string, times = 1): Promise<void> {
    await until(`the page to hear "${text}"`, async () => {
      return (await this.received()).filter((one) => one === text).length >= times;
    });
  }

  run<Result>(expression: string): Promise<Result> {
    return this.#page.evaluate(expression);
  }

  async close(): Promise<void> {
    await this.#page.context().close();
  }
}

test.each(transports)(
  "every type of channel works over %s, and a lost client reconnects",
  async (transport) => {
    await stage.changeApp({ settings: { clientEventsEnabled: true } });
    const { port } = stage.server;
    const ann = await Client.open({ port, transport, userId: "ann", channels });
    const proxy = await TcpProxy.open([port]);
    const bob = await Client.open({ port: proxy.port, transport, userId: "bob", channels });
    await ann.hears("presence-news added bob");
    await stage.backend().trigger(channels, "e", "1");
    for (const name of channels) await bob.hears(`${name} e 1`);
    await ann.run('client.channel("private-news").trigger("client-e", "hi")');
    await bob.hears("private-news client-e hi");

    const connections = `/apps/${stage.server.app.id}/connections`;
    const shown = await stage.server.admin(
      "GET",
      `${connections}/${await bob.run("client.connection.socket_id")}`,
    );
    expect(shown).toMatchObject({ connection: { transport, client: "js" } });
    await bob.run('client.unsubscribe("presence-news")');
    await ann.hears("presence-news removed bob");

    proxy.targets = [await freePort()];
    proxy.cut();
    await until(
      "the client to be lost",
      async () => (await bob.run("client.connection.state")) !== "connected",
    );
    proxy.targets = [port];
    await bob.hears("connected", 2);
    await bob.hears("private-news subscribed", 2);
    await stage.backend().trigger("private-news", "e", "2");
    await bob.hears("private-news e 2");

    await stage.server.admin("DELETE", `${connections}/${await bob.run("client.connection.socket_id")}`);
    await bob.hears("closed with 4009");
    expect((await ann.received()).filter((text) => text.includes("client-e"))).toEqual([]);
    for (const client of [ann, bob]) await client.close();
    await proxy.close();
  },
);

test.each(transports)("no event is lost over %s while answers are renewed", async (transport) => {
  const { port } = stage.server;
  const client = await Client.open({ port, transport, userId: "ann", channels: ["news"] });
  const count = 80;
  for (let event = 0; event < count; event++)
    await stage.backend().trigger("news", "e", `${event} ${"x".repeat(8_000)}`);
  await client.hears(`news e ${count - 1} ${"x".repeat(8_000)}`);
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
    const client = await Client.open({ port, transport, userId: "ann", channels });
    for (const data of ["1", "2"]) {
      await stage.backend().trigger(channels, "e", data);
      for (const name of channels) await client.hears(`${name} e ${data}`);
    }
    await client.close();
  } finally {
    await nginx.remove();
  }
});
