/** A server with webhooks in its config file, and their receivers. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./net/free-port.ts";
import { sign } from "./net/http-request.ts";
import { RawClient } from "./net/raw-client.ts";
import { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
import { type ReceiverOptions, startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

export interface WebhookSpec {
  readonly events: readonly string[];
  readonly batching?: boolean;
  readonly filters?: object;
  readonly answer?: ReceiverOptions["answer"];
}

/** The fields of answers that tests of webhooks read. */
interface AdminAnswer {
  readonly status: number;
  readonly body: {
    readonly app: { readonly id: string; readonly key: string };
    readonly secret: { readonly value: string };
    readonly code: string;
  };
}

export interface WebhookStage extends AsyncDisposable {
  readonly server: RunningServer;
  /** In the order of the webhooks. */
  readonly receivers: readonly WebhookReceiver[];
  client(): Promise<RawClient>;
  /** A request to the admin API with the admin token. */
  admin(method: string, path: string, body?: object): Promise<AdminAnswer>;
  /** The value of a metric without labels. */
  metric(name: string): Promise<number>;
}

export async function startWebhookStage(
  webhooks: readonly WebhookSpec[],
  env: ServerOptions["env"] = { SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8" },
): Promise<WebhookStage> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-config-"));
  const config = join(folder, "soketify.config.json");
  const ports = await Promise.all(webhooks.map(() => freePort()));
  const configured = webhooks.map(({ answer, ...spec }, index) => ({
    ...spec,
    url: `http://127.0.0.1:${ports[index]}/hook`,
  }));
  writeFileSync(config, JSON.stringify({ webhooks: configured }));
  const server = await startServer({ env: { ...env, SOKETIFY_CONFIG: config } });
  const { key, secret } = server.app;
  const receivers = webhooks.map(({ answer }, index) =>
    startWebhookReceiver({ key, secret, port: ports[index] ?? 0, ...(answer !== undefined && { answer }) }),
  );
  return {
    server,
    receivers,
    client: () => RawClient.connect(server.webSocketUrl()),
    async admin(method, path, body) {
      const answer = await fetch(`${server.httpUrl}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${server.adminToken}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as AdminAnswer["body"] };
    },
    async metric(name) {
      const page = await (await fetch(`${server.httpUrl}/metrics`)).text();
      const line = page.split("\n").find((one) => one.startsWith(`${name} `));
      if (line === undefined) throw new Error(`There is no metric ${name}`);
      return Number(line.split(" ")[1]);
    },
    async [Symbol.asyncDispose]() {
      await server.remove();
      for (const receiver of receivers) await receiver.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Subscribes and waits for the answer; on a presence channel as this user. */
export async function enter(
  { server }: { readonly server: Pick<RunningServer, "app"> },
  client: RawClient,
  channel: string,
  userId?: string,
): Promise<void> {
  const channelData = userId === undefined ? null : JSON.stringify({ user_id: userId });
  const text = `${client.socketId}:${channel}${channelData === null ? "" : `:${channelData}`}`;
  client.send({
    event: "pusher:subscribe",
    data: {
      channel,
      auth: `${server.app.key}:${sign(server.app.secret, text)}`,
      ...(channelData !== null && { channel_data: channelData }),
    },
  });
  await client.expect("pusher_internal:subscription_succeeded");
}
