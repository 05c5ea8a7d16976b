/** Who may connect, and how much one connection may use. */
import { z } from "zod";
import { cidr } from "./host.ts";
import { list, number, numberSchema, option, toggle } from "./option.ts";

const mebibyte = 1_048_576;
/** File descriptors reserved for the database, the log, HTTP requests and webhooks. */
const descriptorsReserved = 512;

const origin = z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/);

export const connectionOptions = {
  trustedProxies: list(
    cidr,
    "a list of addresses or CIDRs such as 10.0.0.0/8 or fd00::/8",
    "Proxies whose X-Forwarded-For header is trusted",
  ),
  corsOrigins: list(
    origin,
    "* or a list of origins such as https://example.com",
    "Origins whose pages may call the HTTP API",
  ),

  httpFallbackEnabled: toggle(
    true,
    "Accept pusher-js clients whose network blocks WebSocket: XHR streaming and XHR polling at /pusher/app",
  ),
  connectionsMax: option(
    numberSchema(1, 1_000_000),
    "a whole number from 1 to 1000000",
    "Concurrent connections of clients to this process; more are answered with 503",
    {
      default: ({ descriptorsMax }) => Math.min(1_000_000, Math.max(1, descriptorsMax - descriptorsReserved)),
      defaultText: `the limit of open files less ${descriptorsReserved}`,
    },
  ),
  connectionsPerIpMax: option<number | null>(
    numberSchema(0, 1_000_000).nullable(),
    "a whole number from 0 to 1000000",
    "Concurrent connections of clients from one address (IPv6: one /64 network); 0: no limit",
    {
      default: null,
      defaultText:
        "a quarter of connectionsMax; no limit for loopback and private addresses and trustedProxies, which may serve many clients",
    },
  ),
  handshakesPerIpPerSecondMax: number(
    0,
    0,
    100_000,
    "Handshakes of clients per second from one address; 0: no limit",
  ),
  messageBytesMax: number(65_536, 1_024, 16 * mebibyte, "Bytes of one message from a client"),
  httpBodyBytesMax: number(mebibyte, 1_024, 64 * mebibyte, "Bytes of one HTTP request's body"),
  backpressureBytesMax: number(
    mebibyte,
    16_384,
    256 * mebibyte,
    "Unsent bytes of a slow client before its connection is closed",
  ),
  backpressureBytesPerAppMax: number(
    16 * mebibyte,
    mebibyte,
    1_000_000 * mebibyte,
    "Unsent bytes of all WebSocket connections of one app; beyond it those with the most are closed",
  ),
} as const;
