/** Malformed HTTP requests, also at the level of bytes: a 4xx or a closed connection, never a 5xx or a crash. */
import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { Neighbour } from "../support/neighbour.ts";
import { signedPath } from "../support/net/http-request.ts";
import { type RawRequestOptions, sendRaw } from "../support/net/raw-http.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();

interface Case {
  readonly name: string;
  bytes(): string | Uint8Array;
  /** The allowed statuses; `closed` is a close without a response. */
  readonly answers: readonly (number | "closed")[];
  readonly options?: RawRequestOptions;
}

const host = "Host: 127.0.0.1\r\nConnection: close\r\n";
const end = "\r\n";

function raw(name: string, bytes: string, answers: Case["answers"], options: RawRequestOptions = {}): Case {
  return { name, bytes: () => bytes, answers, options };
}

/** A POST with a valid signature, for any body. */
function signed(name: string, path: string, body: string, answers: Case["answers"], headers = ""): Case {
  return {
    name,
    bytes() {
      const { app } = stage.server;
      const target = signedPath(app, { method: "POST", path: `/apps/${app.id}${path}`, body });
      const length = Buffer.byteLength(body, "latin1");
      const head = `POST ${target} HTTP/1.1\r\n${host}Content-Type: application/json\r\n${headers}`;
      return `${head}Content-Length: ${length}\r\n\r\n${body}`;
    },
    answers,
  };
}

const refused = [400, "closed"] as const;
const upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

const syntax: readonly Case[] = [
  raw("a TLS hello on a plain port", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", refused),
  raw("a line of noise", "\x00\xff\x00\xff\r\n\r\n", refused),
  raw("HTTP/9.9", `GET /health/live HTTP/9.9\r\n${host}${end}`, [400, 505, "closed"]),
  raw("an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 404, 405, 505, "closed"]),
  raw("no Host", "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n", refused),
  raw("a header without a colon", `GET /health/live HTTP/1.1\r\n${host}nonsense\r\n${end}`, refused),
  raw("a space before the colon", `GET /health/live HTTP/1.1\r\n${host}X : y\r\n${end}`, refused),
  raw("a NUL in a header", `GET /health/live HTTP/1.1\r\n${host}X: a\x00b\r\n${end}`, refused),
  raw("a header of 1 MiB", `GET /health/live HTTP/1.1\r\n${host}X: ${"x".repeat(1_048_576)}\r\n${end}`, [
    431,
    ...refused,
  ]),
  raw("5,000 headers", `GET /health/live HTTP/1.1\r\n${host}${"X: y\r\n".repeat(5_000)}${end}`, [
    431,
    ...refused,
  ]),
  raw("a URL of 100 KiB", `GET /${"x".repeat(102_400)} HTTP/1.1\r\n${host}${end}`, [414, 431, ...refused]),
  raw("an unknown method", `BREW /apps/1/events HTTP/1.1\r\n${host}${end}`, [
    400,
    401,
    404,
    405,
    501,
    "closed",
  ]),
  raw("TRACE", `TRACE / HTTP/1.1\r\n${host}${end}`, [400, 404, 405, 501, "closed"]),
  raw("CONNECT", `CONNECT example.com:443 HTTP/1.1\r\n${host}${end}`, [400, 404, 405, 501, "closed"]),
  raw("a bad percent sign in the path", `GET /apps/%zz/channels HTTP/1.1\r\n${host}${end}`, [400, 401, 404]),
  raw(
    "a bad percent sign in the query",
    `GET /apps/1/channels?auth_key=%zz HTTP/1.1\r\n${host}${end}`,
    [400, 401, 404],
  ),
  raw("a path that climbs", `GET /apps/../../../etc/passwd HTTP/1.1\r\n${host}${end}`, [400, 404]),
  raw(
    "a path that climbs in disguise",
    `GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${host}${end}`,
    [400, 404],
  ),
];

const lengths: readonly Case[] = [
  raw(
    "both Content-Length and Transfer-Encoding",
    `POST /apps/1/events HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`,
    refused,
  ),
  raw(
    "two Content-Lengths that differ",
    `POST /apps/1/events HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`,
    refused,
  ),
  raw(
    "a negative Content-Length",
    `POST /apps/1/events HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
    refused,
  ),
  raw(
    "a Content-Length that is no number",
    `POST /apps/1/events HTTP/1.1\r\n${host}Content-Length: 2x\r\n\r\n{}`,
    refused,
  ),
  raw(
    "a coding that nobody knows",
    `POST /apps/1/events HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    [501, ...refused],
  ),
  raw(
    "a chunk size that is no number",
    `POST /apps/1/events HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    refused,
  ),
  raw(
    "a chunk without its end",
    `POST /apps/1/events HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n`,
    [401, 404, ...refused],
  ),
  raw(
    "a chunk of 2^64 bytes",
    `POST /apps/1/events HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n`,
    [413, ...refused],
  ),
  raw(
    "a body that ends before its length",
    `POST /apps/1/events HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\n{}`,
    [401, 404, 408, ...refused],
    { endsAfterSending: true },
  ),
  signed("a body of 5 MiB", "/events", `{"data":"${"x".repeat(5_242_880)}"}`, [413, "closed"]),
  raw(
    "a body of 1 TiB that is only announced",
    `POST /apps/1/events HTTP/1.1\r\n${host}Content-Length: 1099511627776\r\n\r\n{}`,
    [401, 404, 413, ...refused],
  ),
];

const bodies: readonly Case[] = [
  signed("an empty body", "/events", "", [400]),
  signed("a body that is no JSON", "/events", "name=e&channel=c", [400]),
  signed("JSON cut short", "/events", '{"name":"e"', [400]),
  signed("null", "/events", "null", [400]),
  signed("a list", "/events", "[]", [400]),
  signed("a number", "/events", "7", [400]),
  signed("lists nested 100,000 deep", "/events", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, [400, 413]),
  signed(
    "data nested 4,000 deep",
    "/events",
    `{"name":"e","channel":"c","data":${"[".repeat(4_000)}${"]".repeat(4_000)}}`,
    [400],
  ),
  signed("an event in __proto__", "/events", '{"__proto__":{"name":"e","channel":"c","data":""}}', [400]),
  signed("a name that is a number", "/events", '{"name":5,"channel":"c","data":""}', [400]),
  signed("a channel that is an object", "/events", '{"name":"e","channel":{},"data":""}', [400]),
  signed("channels that are text", "/events", '{"name":"e","channels":"c","data":""}', [400]),
  signed("socket_id that is a list", "/events", '{"name":"e","channel":"c","data":"","socket_id":[]}', [400]),
  signed("info that is a number", "/events", '{"name":"e","channel":"c","data":"","info":1}', [400]),
  signed("invalid UTF-8", "/events", '{"name":"e","channel":"c","data":"\xc3\x28"}', [400, 401]),
  signed("a batch that is none", "/batch_events", '{"name":"e"}', [400]),
  signed("a batch that is an object", "/batch_events", '{"batch":{}}', [400]),
  signed("a batch of null", "/batch_events", '{"batch":[null]}', [400]),
  signed("a batch of lists", "/batch_events", '{"batch":[[]]}', [400]),
  signed(
    "a compressed body that says so",
    "/events",
    gzipSync("{}").toString("latin1"),
    [400, 401, 415],
    "Content-Encoding: gzip\r\n",
  ),
  signed(
    "an idempotency key of 10,000 letters",
    "/events",
    '{"name":"e","channel":"c","data":""}',
    [400],
    `Idempotency-Key: ${"k".repeat(10_000)}\r\n`,
  ),
];

const upgrades: readonly Case[] = [
  raw(
    "an upgrade without a key",
    `GET /app/x?protocol=7 HTTP/1.1\r\nHost: h\r\n${upgrade}Sec-WebSocket-Version: 13\r\n${end}`,
    [426, ...refused],
    { endsAfterSending: true },
  ),
  raw(
    "an upgrade of version 8",
    `GET /app/x?protocol=7 HTTP/1.1\r\nHost: h\r\n${upgrade}${key}Sec-WebSocket-Version: 8\r\n${end}`,
    [426, ...refused],
    { endsAfterSending: true },
  ),
  raw(
    "an upgrade with a key that is too short",
    `GET /app/x?protocol=7 HTTP/1.1\r\nHost: h\r\n${upgrade}Sec-WebSocket-Key: abc\r\nSec-WebSocket-Version: 13\r\n${end}`,
    [426, ...refused],
    { endsAfterSending: true },
  ),
  raw(
    "an upgrade by POST",
    `POST /app/x?protocol=7 HTTP/1.1\r\nHost: h\r\n${upgrade}${key}Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n${end}`,
    [404, 405, 426, ...refused],
    { endsAfterSending: true },
  ),
  raw("half an upgrade", `GET /app/x?protocol=7 HTTP/1.1\r\nHost: h\r\n${upgrade}`, refused, {
    endsAfterSending: true,
  }),
  raw("no upgrade where one is needed", `GET /app/x?protocol=7 HTTP/1.1\r\n${host}${end}`, [400, 404, 426]),
];

for (const { name, bytes, answers, options } of [...syntax, ...lengths, ...bodies, ...upgrades]) {
  test(`${name}: ${answers.join(" or ")}`, async () => {
    const neighbour = await Neighbour.moveIn(stage);
    const { statuses } = await sendRaw(stage.server.port, bytes(), options);
    expect(answers).toContain(statuses[0] ?? "closed");
    expect(statuses.length).toBeLessThanOrEqual(1);
    await neighbour.isWell();
    neighbour.expectNoSurprise();
  });
}

test("two requests in one segment get two answers, in order", async () => {
  const first = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";
  const { statuses } = await sendRaw(stage.server.port, `${first}GET /nowhere HTTP/1.1\r\n${host}${end}`);
  expect(statuses).toEqual([200, 404]);
});

test("clients that send one byte at a time delay nobody", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  const lingering = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const tcp = connect(stage.server.port, "127.0.0.1");
      tcp.on("error", () => tcp.destroy());
      await once(tcp, "connect");
      return tcp;
    }),
  );
  for (const letter of "GET /app/") {
    for (const tcp of lingering) tcp.write(letter);
    await neighbour.isWell();
  }
  for (const tcp of lingering) tcp.resetAndDestroy();
  await neighbour.isWell();
  neighbour.expectNoSurprise();
});
