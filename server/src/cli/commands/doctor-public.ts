/** The checks of `soketify doctor --url`: the connection of clients from the public URL to the server. */
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import type { Config } from "../../config/config.ts";
import { AddressRanges, isLoopback, isPrivate, withoutBrackets } from "../../net/ip-address.ts";
import { errorPage } from "../../protocol/error-page.ts";
import type { AdminClient } from "../admin-client.ts";
import { claimedAddress, type Handshake, serverName, withHandshake } from "../probe-socket.ts";
import { type Check, clockOffsetMsMax, type Finding, failed, passed } from "./finding.ts";

export interface PublicProbe {
  /** The URL that clients use, with its path prefix if there is one. */
  readonly url: URL;
  /** The key of an app; null: a connection cannot be kept open. */
  readonly appKey: string | null;
  /** How long a silent connection must stay open. */
  readonly idleMs: number;
  /** The server on this machine, with the id of the key's app; null: the client's address cannot be checked. */
  readonly server: { readonly admin: AdminClient; readonly appId: string } | null;
  readonly config: Pick<Config, "trustedProxies" | "heartbeatIntervalMs">;
}

type Seen = Omit<Finding, "check">;

const answerTimeoutMs = 5_000;
const dayMs = 86_400_000;
const daysLeftMin = 7;
const chainRemedies: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "Clients trust no self-signed certificate. Use one from a certificate authority, such as Let's Encrypt.",
  SELF_SIGNED_CERT_IN_CHAIN: "Clients do not know this certificate authority. Use a public one.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "The proxy sends no intermediate certificate. Configure the whole chain, such as fullchain.pem.",
  CERT_HAS_EXPIRED: "Renew the certificate and reload the proxy.",
  ERR_TLS_CERT_ALTNAME_INVALID: "Use a certificate that names this host.",
};
const addressRemedy =
  "Let the proxy add the client's address. In nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for.";
const upgradeRemedy =
  "Let the proxy forward the Upgrade header. In nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade.";

export function publicChecks(probe: PublicProbe): Readonly<Record<string, Check>> {
  return {
    "public TLS": () => checkTls(probe),
    "public HTTP": () => checkHttp(probe),
    "public socket": () => checkUpgrade(probe),
    "client address": () => checkAddress(probe),
    "idle socket": () => checkIdle(probe),
  };
}

async function checkTls({ url }: PublicProbe): Promise<Seen> {
  if (url.protocol === "http:")
    return passed("none: pages that were loaded over https cannot connect to this URL");
  const socket = await openTls(url);
  const certificate = socket.getPeerCertificate();
  const error = socket.authorizationError as Error | string | null;
  socket.destroy();
  if (error !== null && error !== undefined) {
    const code = typeof error === "string" ? error : ((error as NodeJS.ErrnoException).code ?? error.message);
    const remedy = chainRemedies[code] ?? "Use a certificate that clients trust, with its whole chain.";
    return failed(`the certificate of ${url.host} is not trusted: ${code}`, remedy);
  }
  return checkExpiry(url, certificate);
}

function checkExpiry({ host }: URL, { valid_to: until }: PeerCertificate): Seen {
  const daysLeft = Math.floor((Date.parse(until) - Date.now()) / dayMs);
  if (daysLeft >= daysLeftMin)
    return passed(`the certificate of ${host} is trusted for ${daysLeft} days more`);
  return failed(`the certificate of ${host} expires on ${until}`, "Renew it and reload the proxy.");
}

function openTls({ hostname, port }: URL): Promise<TLSSocket> {
  const host = withoutBrackets(hostname);
  return new Promise((resolve, reject) => {
    const options = { host, port: Number(port) || 443, rejectUnauthorized: false, timeout: answerTimeoutMs };
    const socket = connectTls({ ...options, ...serverName(host) }, () => resolve(socket));
    socket.on("error", reject);
    socket.on("timeout", () => socket.destroy(new Error(`no TLS handshake within ${answerTimeoutMs} ms`)));
  });
}

/** Reaches the server, and compares its clock: backends sign with theirs. */
async function checkHttp({ url }: PublicProbe): Promise<Seen> {
  const health = `${baseOf(url)}/health/live`;
  const answer = await fetch(health, {
    signal: AbortSignal.timeout(answerTimeoutMs),
    redirect: "manual",
    tls: { rejectUnauthorized: false },
  });
  const receivedAtMs = Date.now();
  const { status, headers } = answer;
  if (status >= 300 && status < 400)
    return failed(
      `${health} redirects to ${headers.get("location")}`,
      "Give the URL that it redirects to: WebSocket clients follow no redirect.",
    );
  if (status >= 502 && status <= 504)
    return failed(
      `${health} answers ${status}: the proxy does not reach the server`,
      "Check the proxy's target address and port, and that the server runs.",
    );
  // With a metrics port the health endpoint is there, and this port answers 404.
  if (!answer.ok && status !== 404)
    return failed(
      `${health} answers ${status}`,
      "Check which paths the proxy forwards, and to which address.",
    );
  const dateMs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(dateMs)) return passed(`${health} answers ${status}, without a Date header`);
  const offsetMs = receivedAtMs - dateMs;
  if (Math.abs(offsetMs) > clockOffsetMsMax)
    return failed(
      `this machine's clock differs by ${Math.round(offsetMs / 1_000)} s from the Date header of ${url.host}`,
      "Run a time service such as chrony on both: signatures are valid for 600 s.",
    );
  return passed(`${health} answers ${status}; the clocks differ by less than ${clockOffsetMsMax / 1_000} s`);
}

async function checkUpgrade(probe: PublicProbe): Promise<Seen> {
  const { status } = await handshake(probe, async (one) => one);
  if (status === 101) return passed("the proxy forwards WebSocket handshakes");
  if (status === 426)
    return failed(
      `a WebSocket handshake at ${probe.url.host} arrives without its Upgrade header`,
      upgradeRemedy,
    );
  return failed(
    `a WebSocket handshake at ${probe.url.host} is answered ${status} instead of 101`,
    upgradeRemedy,
  );
}

async function checkAddress(probe: PublicProbe): Promise<Seen> {
  const { server, config } = probe;
  if (server === null) return passed("not checked: run this on the server's machine, with its data folder");
  return handshake(probe, async ({ status, hello, localAddress }) => {
    if (status !== 101) return passed("not checked: there is no WebSocket");
    const socketId = socketIdOf(hello);
    if (socketId === null) return passed("not checked: the app refuses the connection");
    const path = { appId: server.appId, socketId };
    const { connection } = await server.admin.call("GET /apps/{appId}/connections/{socketId}", { path });
    return judgeAddress(connection.address, localAddress, config.trustedProxies);
  });
}

function judgeAddress(seen: string, own: string, trustedProxies: readonly string[]): Seen {
  if (seen === own) return passed(`the server sees this machine's address, ${seen}`);
  if (seen === claimedAddress)
    return failed(
      "the server believes any address that a client claims, because the proxy adds none",
      addressRemedy,
    );
  if (new AddressRanges(trustedProxies).has(seen))
    return failed(`the server sees the proxy's address, ${seen}, for every client`, addressRemedy);
  if (isLoopback(seen) || isPrivate(seen))
    return failed(
      `the server sees ${seen} for this client, which is probably the proxy's address`,
      `If it is, add it to SOKETIFY_TRUSTED_PROXIES.`,
    );
  return passed(`the server sees ${seen} for this client`);
}

/** Keeps a silent connection open. The runtime answers the server's pings, as clients do. */
async function checkIdle({ url, appKey, idleMs, config }: PublicProbe): Promise<Seen> {
  if (appKey === null) return passed("not checked: name an app with --key");
  const openedAtMs = Date.now();
  const socket = new WebSocket(socketUrl(url, appKey), { tls: { rejectUnauthorized: false } });
  const ended = await new Promise<{ code: number; reason: string } | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), idleMs);
    socket.addEventListener("close", ({ code, reason }) => {
      clearTimeout(timer);
      resolve({ code, reason });
    });
  });
  if (ended === null) {
    socket.close();
    return passed(`a silent connection stays open for ${idleMs / 1_000} s`);
  }
  const seconds = ((Date.now() - openedAtMs) / 1_000).toFixed(1);
  if (ended.code >= 4_000 || ended.code === 1_001)
    return failed(
      `the server closed the connection with ${ended.code}: ${ended.reason}`,
      `What to do: ${errorPage.code(ended.code)}`,
    );
  const pings = `the server pings every ${config.heartbeatIntervalMs / 1_000} s`;
  return failed(
    `a silent connection was cut after ${seconds} s without a close frame (${ended.code}), so by a proxy or a firewall`,
    `Raise its idle timeout above the pings (${pings}). In nginx: proxy_read_timeout 60s; HAProxy: timeout tunnel 1h; or lower SOKETIFY_HEARTBEAT_INTERVAL_MS.`,
  );
}

function handshake<Result>(
  { url, appKey }: PublicProbe,
  use: (handshake: Handshake) => Promise<Result>,
): Promise<Result> {
  return withHandshake(new URL(socketUrl(url, appKey ?? "doctor")), answerTimeoutMs, use);
}

function socketUrl(url: URL, key: string): string {
  return `${baseOf(url).replace(/^http/, "ws")}/app/${key}?protocol=7&client=doctor&version=1`;
}

function baseOf({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

function socketIdOf(hello: string): string | null {
  return /socket_id\\?":\\?"([\d.]+)/.exec(hello)?.[1] ?? null;
}
