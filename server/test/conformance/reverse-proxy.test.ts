/** Behind nginx, set up word for word as docs/moving.md says. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as startTls } from "node:tls";
import Pusher from "pusher";
import { freePort } from "../support/free-port.ts";
import { makeCertificate } from "../support/make-certificate.ts";
import { until } from "../support/until.ts";
import { subscribe, useServer } from "../support/use-server.ts";

const guide = readFileSync(join(import.meta.dir, "../../../docs/moving.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "soketify-nginx-"));
const { certificate, key } = makeCertificate(folder, "localhost");
// The only way to tell both SDKs at once that nobody signed it.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const stage = useServer({ env: { SOKETIFY_TRUSTED_PROXIES: "127.0.0.1" } });
let port = 0;
let nginx: Bun.Subprocess | null = null;

beforeAll(async () => {
  port = await freePort();
  const site = (/```nginx\n(.*?)```/s.exec(guide)?.[1] ?? "")
    .replace("443", `127.0.0.1:${port}`)
    .replace("/etc/ssl/ws.example.com/fullchain.pem", certificate)
    .replace("/etc/ssl/ws.example.com/privkey.pem", key)
    .replace("6001", String(stage.server.port));
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const main = `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}`;
  writeFileSync(join(folder, "nginx.conf"), `${main} http { access_log off; ${places.join(" ")} ${site} }`);
  nginx = Bun.spawn(["nginx", "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until("an answer through nginx", async () => {
    const answer = await fetch(`https://localhost:${port}/health/ready`).catch(() => null);
    return answer?.status === 200;
  });
});

afterAll(async () => {
  nginx?.kill("SIGQUIT");
  await nginx?.exited;
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  rmSync(folder, { recursive: true });
});

test("both SDKs work through the proxy over TLS", async () => {
  const client = await stage.pusherJs({}, { wsHost: "localhost", wssPort: port, forceTLS: true });
  const { heard } = await subscribe(client, "private-proxied");
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
  expect(await heard.next("the event")).toEqual({ event: "through", data: { v: 1 } });
});

test("a client has its own address, not the proxy's and not what it claims", async () => {
  const tcp = connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
  const socket = startTls({ socket: tcp, rejectUnauthorized: false });
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
