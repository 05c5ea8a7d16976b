/**
 * A WebSocket handshake on a bare connection. The runtime's client hides what `soketify doctor` reports: the status of a
 * refused handshake, and the address that this machine connects from.
 */
import { randomBytes } from "node:crypto";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { withoutBrackets } from "../net/ip-address.ts";

export interface Handshake {
  /** The HTTP status; 101: the connection is a WebSocket. */
  readonly status: number;
  /** The address of this end of the connection. */
  readonly localAddress: string;
  /** The first message; empty if there was none. */
  readonly hello: string;
}

/** The client's address from RFC 5737 that the probe claims to have. A server must not believe it. */
export const claimedAddress = "192.0.2.1";
/** Loopback connections come from an address of their own, so that it differs from that of a proxy on this machine. */
const ownLoopback = "127.0.0.77";
const headEnd = "\r\n\r\n";
const helloBytesMax = 4_096;

/**
 * Calls `use` while the connection is open, and closes it.
 * @param url begins with ws:// or wss://; its certificate is not checked
 * @throws if the connection fails or takes longer than `timeoutMs`
 */
export async function withHandshake<Result>(
  url: URL,
  timeoutMs: number,
  use: (handshake: Handshake) => Promise<Result>,
): Promise<Result> {
  const socket = open(url);
  const late = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const handshake = await read(socket, url);
    clearTimeout(late);
    return await use(handshake);
  } finally {
    clearTimeout(late);
    socket.on("error", () => undefined);
    socket.destroy();
  }
}

function open(url: URL): Socket {
  const isTls = url.protocol === "wss:";
  const host = withoutBrackets(url.hostname);
  const port = Number(url.port) || (isTls ? 443 : 80);
  const isLoopback = host === "localhost" || host.startsWith("127.");
  const from = isLoopback && process.platform === "linux" ? { localAddress: ownLoopback } : {};
  const tcp = connect({ host: isLoopback ? "127.0.0.1" : host, port, ...from });
  return isTls ? connectTls({ socket: tcp, rejectUnauthorized: false, ...serverName(host) }) : tcp;
}

/** The server name of the TLS handshake. An IP address is not a name. */
export function serverName(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

function read(socket: Socket, url: URL): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let localAddress = "";
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed without an answer")));
    socket.on(url.protocol === "wss:" ? "secureConnect" : "connect", () => {
      localAddress = socket.localAddress ?? "";
      socket.write(requestTo(url));
    });
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf(headEnd);
      if (end < 0) return;
      const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(received.toString("latin1"))?.[1] ?? 0);
      const hello = firstText(received.subarray(end + headEnd.length));
      if (status !== 101 || hello !== null || received.length > helloBytesMax)
        resolve({ status, localAddress, hello: hello ?? "" });
    });
  });
}

function requestTo({ host, pathname, search }: URL): string {
  return [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    `X-Forwarded-For: ${claimedAddress}${headEnd}`,
  ].join("\r\n");
}

/** The text of the first frame; null until it is there. A server's frames are not masked. */
function firstText(frames: Buffer): string | null {
  const short = (frames[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : 2;
  if (frames.length < start) return null;
  const end = start + (short === 126 ? frames.readUInt16BE(2) : short);
  return frames.length < end ? null : frames.subarray(start, end).toString();
}
