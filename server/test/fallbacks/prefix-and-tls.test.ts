/** Stock pusher-js without WebSocket, below a path prefix and over TLS. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fallbackTransports } from "../support/client-pages.ts";
import { makeCertificate } from "../support/net/make-certificate.ts";
import { subscribe, useServer } from "../support/use-server.ts";

const folder = mkdtempSync(join(tmpdir(), "soketify-tls-"));
const { certificate, key } = makeCertificate(folder, "fallbacks.test");
// The only option with which both SDKs accept a self-signed certificate.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const prefix = "/realtime";
const prefixed = useServer({ env: { SOKETIFY_PATH_PREFIX: prefix } });
const secured = useServer({
  isTls: true,
  env: { SOKETIFY_TLS_CERT_FILE: certificate, SOKETIFY_TLS_KEY_FILE: key },
});

afterAll(() => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  rmSync(folder, { recursive: true });
});

const cases = fallbackTransports.flatMap(
  (transport) =>
    [
      [transport, "below a path prefix", prefixed, `${prefix}/pusher`],
      [transport, "over TLS", secured, "/pusher"],
    ] as const,
);

test.each(cases)("%s works %s", async (transport, _, stage, httpPath) => {
  await stage.changeApp({ settings: { clientEventsEnabled: true } });
  const options = { enabledTransports: [transport as "ws"], httpPath };
  const [ann, bob] = [await stage.pusherJs({}, options), await stage.pusherJs({}, options)];
  const subscribed = [await subscribe(ann, "private-desk"), await subscribe(bob, "private-desk")];
  ann.channel("private-desk").trigger("client-typing", { on: true });
  expect(await subscribed[1]?.received.next("the client event")).toEqual({
    event: "client-typing",
    data: { on: true },
  });
  const event = { name: "e", channel: "private-desk", data: '{"v":1}' };
  const answer = await stage.api({ method: "POST", path: "/events", body: JSON.stringify(event) });
  expect(answer.status).toBe(200);
  for (const { received } of subscribed)
    expect(await received.next("the event")).toEqual({ event: "e", data: { v: 1 } });
  const connection = `/apps/${stage.server.app.id}/connections/${ann.connection.socket_id}`;
  expect(await stage.server.admin("GET", connection)).toMatchObject({ connection: { transport } });
});
