/** Pages with stock pusher-js in Chromium, in its build for encrypted channels; their windows have no WebSocket. */
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import type Pusher from "pusher";
import type PusherJs from "pusher-js";
import { type AuthEndpoint, startAuthEndpoint } from "./auth-endpoint.ts";
import { launchChromium } from "./chromium.ts";
import { until } from "./until.ts";

export const fallbackTransports = ["xhr_streaming", "xhr_polling"] as const;

const script = createRequire(import.meta.url).resolve("pusher-js/dist/web/pusher-with-encryption.min.js");

interface Listening {
  readonly key: string;
  readonly port: number;
  readonly transport: (typeof fallbackTransports)[number];
  readonly userId: string;
  readonly channels: readonly string[];
}

/** Runs in the page, so it uses nothing from outside. Records the frames that the client receives. */
function listen(
  Pusher: typeof PusherJs,
  { key, port, transport, userId, channels }: Listening,
  record: (text: string) => void,
): PusherJs {
  const pusher = new Pusher(key, {
    httpHost: "127.0.0.1",
    httpPort: port,
    forceTLS: false,
    cluster: "default",
    disableStats: true,
    enabledTransports: [transport],
    channelAuthorization: { transport: "ajax", endpoint: "/auth", params: { user_id: userId } },
  });
  pusher.connection.bind("connected", () => record("connected"));
  pusher.connection.bind("error", ({ data }: { data?: { code: number } }) =>
    record(`closed with ${data?.code}`),
  );
  for (const name of channels) {
    const channel = pusher.subscribe(name);
    channel.bind("pusher:subscription_succeeded", () => record(`${name} subscribed`));
    channel.bind("pusher:cache_miss", () => record(`${name} missed`));
    channel.bind("pusher:member_added", ({ id }: { id: string }) => record(`${name} added ${id}`));
    channel.bind("pusher:member_removed", ({ id }: { id: string }) => record(`${name} removed ${id}`));
    channel.bind("e", (data: string) => record(`${name} e ${data}`));
    channel.bind("client-e", (data: string) => record(`${name} client-e ${data}`));
  }
  return pusher;
}

/** One browser for all pages. */
export class ClientPages {
  readonly #browser: Browser;
  readonly #key: string;
  readonly #auth: AuthEndpoint;
  readonly #site: Bun.Server<undefined>;

  private constructor(browser: Browser, key: string, auth: AuthEndpoint) {
    this.#browser = browser;
    this.#key = key;
    this.#auth = auth;
    this.#site = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      routes: {
        "/": new Response("<script>delete window.WebSocket</script><script src=/pusher.js></script>", {
          headers: { "content-type": "text/html" },
        }),
        "/pusher.js": () =>
          new Response(Bun.file(script), { headers: { "content-type": "text/javascript" } }),
        "/auth": async (request) => fetch(auth.url, { method: "POST", body: await request.text() }),
      },
      fetch: () => new Response(null, { status: 404 }),
    });
  }

  /** @param backend authorizes the clients, with the secret of the app that has this key */
  static async start(key: string, backend: Pusher): Promise<ClientPages> {
    return new ClientPages(await launchChromium(), key, startAuthEndpoint(backend, backend));
  }

  /** A client in a page of its own, subscribed to all channels. */
  async open(listening: Omit<Listening, "key">): Promise<PageClient> {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    await page.goto(this.#site.url.href);
    const options = JSON.stringify({ ...listening, key: this.#key });
    await page.evaluate(
      `window.received = []; window.client = (${listen})(Pusher, ${options}, (text) => received.push(text));`,
    );
    const client = new PageClient(page);
    for (const name of listening.channels) await client.receives(`${name} subscribed`);
    return client;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#site.stop(true);
    await this.#auth.stop();
  }
}

export class PageClient {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  received(): Promise<string[]> {
    return this.run("received");
  }

  /** Waits until it has received this text `times` times. */
  async receives(text: string, times = 1): Promise<void> {
    await until(`the page to record "${text}"`, async () => {
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
