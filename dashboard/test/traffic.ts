/** The traffic of a small shop, so that the pages have data to show. */
import { afterAll, beforeAll } from "bun:test";
import { createHmac } from "node:crypto";
import PusherClient, { type ChannelAuthorizationCallback } from "pusher-js";
import type { RunningServer } from "../../server/test/support/start-server.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../server/test/support/webhook-receiver.ts";

const names = ["Ada", "Grace", "Alan", "Edsger"];
const channels = ["presence-lobby", "orders", "private-cart-7", "cache-prices"];

/** Traffic for the tests of a file, on the server of its dashboard. */
export function testTraffic(dashboard: { readonly server: RunningServer }): Pick<Traffic, "stir"> {
  let traffic: Traffic | null = null;
  beforeAll(async () => {
    traffic = new Traffic(dashboard.server);
    await traffic.begin();
  });
  afterAll(() => traffic?.end());
  return {
    async stir() {
      if (traffic === null) throw new Error("The traffic begins before the first test, not earlier");
      return traffic.stir();
    },
  };
}

class Traffic {
  readonly #server: RunningServer;
  #clients: readonly PusherClient[] = [];
  #orders = 1_040;
  /** One receiver that accepts requests, and one that does not. */
  readonly #receivers: readonly WebhookReceiver[];

  constructor(server: RunningServer) {
    this.#server = server;
    this.#receivers = [new Response("ok"), new Response("<h1>Bad Gateway</h1>", { status: 502 })].map(
      (answer) => startWebhookReceiver({ ...server.app, answer: () => answer.clone() }),
    );
  }

  async begin(): Promise<void> {
    const { app } = this.#server;
    await this.#server.admin("PATCH", `/apps/${app.id}`, { name: "Shop, production" });
    for (const name of ["Shop, staging", "Support chat"]) await this.#server.admin("POST", "/apps", { name });
    await this.#server.admin("POST", "/tokens", { name: "deploy script", scopes: ["read"] });
    const invitation = { email: "grace.hopper@navy.example.com", role: "developer", appIds: [app.id] };
    await this.#server.admin("POST", "/people/invitations", invitation);
    const events = ["channel_occupied", "channel_vacated", "member_added", "member_removed"];
    for (const { url } of this.#receivers)
      await this.#server.admin("POST", `/apps/${app.id}/webhooks`, { url, events });
    this.#clients = names.map((name) => this.#connect(name));
    await Promise.all(this.#clients.map(subscribeAll));
  }

  /** Publishes a few events, and connects and closes a client. Returns the number in the data of the last event. */
  async stir(): Promise<number> {
    const passer = this.#connect("Barbara");
    await subscribeAll(passer);
    for (let event = 0; event < 3; event++) {
      this.#orders += 1;
      const data = JSON.stringify({ order: this.#orders, total: 99.5, items: ["tea", "cups"] });
      const body = { name: "order-placed", channels: ["orders", "cache-prices"], data };
      await this.#server.admin("POST", `/apps/${this.#server.app.id}/events`, body);
    }
    passer.disconnect();
    return this.#orders;
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    for (const receiver of this.#receivers) await receiver.stop();
  }

  #connect(name: string): PusherClient {
    const { key, secret } = this.#server.app;
    return new PusherClient(key, {
      wsHost: this.#server.host,
      wsPort: this.#server.port,
      forceTLS: false,
      enabledTransports: ["ws"],
      cluster: "",
      channelAuthorization: {
        transport: "ajax",
        endpoint: "",
        customHandler: ({ socketId, channelName }, callback: ChannelAuthorizationCallback) => {
          const data = JSON.stringify({ user_id: name.toLowerCase(), user_info: { name } });
          const isPresence = channelName.startsWith("presence-");
          const text = `${socketId}:${channelName}${isPresence ? `:${data}` : ""}`;
          const auth = `${key}:${createHmac("sha256", secret).update(text).digest("hex")}`;
          callback(null, isPresence ? { auth, channel_data: data } : { auth });
        },
      },
    });
  }
}

async function subscribeAll(client: PusherClient): Promise<void> {
  await Promise.all(
    channels.map(
      (name) =>
        new Promise((resolve) => client.subscribe(name).bind("pusher:subscription_succeeded", resolve)),
    ),
  );
}
