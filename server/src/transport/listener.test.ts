import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { makeCertificate } from "../../test/support/net/make-certificate.ts";
import { within } from "../../test/support/until.ts";
import { Listener } from "./listener.ts";
import type { SocketData } from "./web-socket-door.ts";

const upgrade = [
  "GET / HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

test("a client that connected before the certificate was replaced, and upgrades afterwards, receives what is published", async () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-tls-"));
  const files = makeCertificate(folder, "localhost");
  const tls = { cert: readFileSync(files.certificate, "utf8"), key: readFileSync(files.key, "utf8") };
  rmSync(folder, { recursive: true });
  const bugs: unknown[] = [];
  const onBug = (bug: unknown) => void bugs.push(bug);
  const options = { host: "127.0.0.1", port: 0, tls, isShared: false, hstsMaxAgeS: 0, onBug };
  const listener = new Listener(options, { frameBytes: 1_000, sentBytes: 1_000 });
  const entered = Promise.withResolvers<void>();
  const port = listener.open(
    {
      routes: {},
      fetch(request, server) {
        server.upgrade(request, { data: { server } as unknown as SocketData });
        return undefined;
      },
      websocket: {
        message: () => undefined,
        open(socket) {
          socket.subscribe("news");
          entered.resolve();
        },
      },
    },
    () => undefined,
  );
  const client = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  const event = (name: string) => new Promise((resolve) => client.once(name, resolve));
  await within("the connection", event("secureConnect"));
  // Twice: certificate programs write several files.
  for (const _ of ["the certificate", "its key"]) listener.replaceTls(tls);
  client.write(`${upgrade.join("\r\n")}\r\n\r\n`);
  await within("the upgrade", Promise.all([event("data"), entered.promise]));
  expect(listener.subscriberCount("news")).toBe(1);
  const frame = event("data");
  listener.publish("news", "hello");
  expect(String(await within("the event", frame))).toEndWith("hello");
  expect(bugs).toEqual([]);
  client.destroy();
  listener.stopNow();
});
