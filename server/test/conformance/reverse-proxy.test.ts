/** Both SDKs behind each proxy whose configuration is in the documentation. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { connect as startTls } from "node:tls";
import Pusher from "pusher";
import { startCaddy, startHaproxy } from "../support/net/documented-proxies.ts";
import { freePort } from "../support/net/free-port.ts";
import { startNginx } from "../support/net/nginx.ts";
import type { RunningProxy } from "../support/net/run-proxy.ts";
import { until } from "../support/until.ts";
import { subscribe, useServer } from "../support/use-server.ts";

// The only option with which both SDKs accept a self-signed certificate.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const stage = useServer({ env: { SOKETIFY_TRUSTED_PROXIES: "127.0.0.1" } });

afterAll(() => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
});

describe.each([
  ["nginx", startNginx],
  ["HAProxy", startHaproxy],
  ["Caddy", startCaddy],
] as const)("behind %s", (_, start) => {
  let port = 0;
  let proxy: RunningProxy | null = null;

  beforeAll(async () => {
    port = await freePort();
    proxy = await start(port, stage.server.port);
  });

  afterAll(async () => {
    await proxy?.remove();
  });

  test("both SDKs work through the proxy over TLS", async () => {
    const proxied = { wsHost: "localhost", wssPort: port, httpHost: "localhost", httpsPort: port };
    const client = await stage.pusherJs({}, { ...proxied, forceTLS: true });
    const { received } = await subscribe(client, "private-proxied");
    const { id: appId, key: appKey, secret } = stage.server.app;
    const backend = new Pusher({
      appId,
      key: appKey,
      secret,
      host: "localhost",
      port: String(port),
      useTLS: true,
    });
    await backend.trigger("private-proxied", "through", { v: 1 });
    expect(await received.next("the event")).toEqual({ event: "through", data: { v: 1 } });
  });

  test("a client has its own address, neither the proxy's nor one that it claims", async () => {
    const tcp = connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
    const socket = startTls({ socket: tcp, rejectUnauthorized: false, servername: "localhost" });
    socket.write(
      [
        `GET /app/${stage.server.app.key}?protocol=7 HTTP/1.1`,
        "Host: localhost",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "X-Forwarded-For: 203.0.113.9",
        "\r\n",
      ].join("\r\n"),
    );
    const path = `/apps/${stage.server.app.id}/connections`;
    await until("the connection to be listed under its own address", async () => {
      const list = (await stage.server.admin("GET", path)) as { connections: { address: string }[] };
      return list.connections.some(({ address }) => address === "127.0.0.2");
    });
    socket.destroy();
  });
});
