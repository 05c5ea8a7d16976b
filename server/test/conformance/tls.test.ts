/** TLS in the server, with a self-signed certificate that the test creates. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { makeCertificate } from "../support/net/make-certificate.ts";
import { until, within } from "../support/until.ts";
import { subscribe, useServer } from "../support/use-server.ts";

const folder = mkdtempSync(join(tmpdir(), "soketify-tls-"));
const { certificate, key } = makeCertificate(folder, "first.test");
// The only option with which both SDKs accept a self-signed certificate.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const stage = useServer({
  isTls: true,
  env: {
    SOKETIFY_TLS_CERT_FILE: certificate,
    SOKETIFY_TLS_KEY_FILE: key,
    SOKETIFY_HSTS_MAX_AGE_S: "31536000",
  },
});

afterAll(() => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  rmSync(folder, { recursive: true });
});

async function servedName(): Promise<string> {
  const socket = connect({ host: stage.server.host, port: stage.server.port, rejectUnauthorized: false });
  const peer = new Promise<PeerCertificate>((resolve, reject) => {
    socket.once("secureConnect", () => resolve(socket.getPeerCertificate()));
    socket.once("error", reject);
  });
  const { subject } = await within("the certificate", peer);
  socket.destroy();
  return subject.CN as string;
}

test("pusher-js and the pusher package work over TLS", async () => {
  const { received } = await subscribe(await stage.pusherJs(), "private-tls");
  await stage.backend().trigger("private-tls", "sealed", { v: 1 });
  expect(await received.next("the event")).toEqual({ event: "sealed", data: { v: 1 } });
});

test("browsers receive Strict-Transport-Security as configured", async () => {
  const { headers } = await fetch(`${stage.server.httpUrl}/health/live`);
  expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
});

test("new certificate files are used without a restart, and open connections stay", async () => {
  const client = await stage.pusherJs();
  const { received } = await subscribe(client, "through-renewal");
  expect(await servedName()).toBe("first.test");
  makeCertificate(folder, "second.test");
  // A handshake in progress at the change may be aborted.
  await until("the new certificate to be served", async () => {
    return (await servedName().catch(() => null)) === "second.test";
  });
  await stage.backend().trigger("through-renewal", "still-here", {});
  expect((await received.next("the event")).event).toBe("still-here");
});
