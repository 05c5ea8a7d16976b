import { afterEach, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { within } from "../../test/support/until.ts";
import { createTargetFetcher } from "./fetch-target.ts";
import { type Resolve, TargetGuard } from "./target-guard.ts";

const clock = new FakeClock();
const cleanups: (() => unknown)[] = [];
let certificate = { cert: "", key: "" };

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-tls-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=hook.test", "-addext", "subjectAltName=DNS:hook.test"];
  const files = ["-keyout", key, "-out", cert];
  const kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  execFileSync("openssl", [...kind, ...subject, ...files], { stdio: "pipe" });
  certificate = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test("the receiver sees the name, its own headers, and exactly this content type", async () => {
  const requests: { host: string | null; type: string | null; length: string | null; own: string | null }[] =
    [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ headers }) {
      const [host, type] = [headers.get("host"), headers.get("content-type")];
      requests.push({ host, type, length: headers.get("content-length"), own: headers.get("x-own") });
      return new Response("thanks", { headers: { "retry-after": "7" } });
    },
  });
  cleanups.push(() => server.stop(true));
  const headers = { "Content-Type": "application/json", "X-Own": "yes" };
  const answer = await send(`http://hook.test:${server.port}/`, { headers, body: '{"a":"é"}' });
  expect(answer).toEqual({ status: 200, retryAfter: "7", body: "thanks" });
  expect(requests).toEqual([
    { host: `hook.test:${server.port}`, type: "application/json", length: "10", own: "yes" },
  ]);
});

test("TLS connects to the checked address and verifies the certificate against the URL's name", async () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: certificate,
    fetch: () => new Response("sealed"),
  });
  cleanups.push(() => server.stop(true));
  expect((await send(`https://hook.test:${server.port}/`)).body).toBe("sealed");
  await expect(send(`https://other.test:${server.port}/`)).rejects.toThrow("altnames");
});

test("the name is not looked up again after the check", async () => {
  let lookups = 0;
  const { port, connections } = await rawServer((socket) => socket.end("HTTP/1.1 204 \r\n\r\n"));
  const rebinding: Resolve = async () => {
    lookups += 1;
    return [{ address: lookups === 1 ? "127.0.0.1" : "169.254.169.254", family: 4 }];
  };
  expect((await send(`http://rebind.test:${port}/`, {}, rebinding)).status).toBe(204);
  expect({ lookups, connections: connections() }).toEqual({ lookups: 1, connections: 1 });
});

test("a name that changes to a private address is rejected, and nothing is sent", async () => {
  const { port, connections } = await rawServer((socket) => socket.end("HTTP/1.1 204 \r\n\r\n"));
  const elsewhere: Resolve = async () => [{ address: "127.0.0.2", family: 4 }];
  await expect(send(`http://hook.test:${port}/`, {}, elsewhere, ["127.0.0.1"])).rejects.toThrow(
    "not at a public address",
  );
  expect(connections()).toBe(0);
});

test("a redirect is a response and is not followed", async () => {
  const { port } = await rawServer((socket) =>
    socket.end("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
  );
  expect((await send(`http://hook.test:${port}/`)).status).toBe(302);
});

test.each([
  ["garbage", "hello\r\n\r\n", "Parse Error"],
  ["nothing", "", "socket hang up"],
  ["half a response", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", "aborted"],
  ["endless headers", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(1_000_000)}\r\n\r\n`, "Header overflow"],
  ["another protocol", "HTTP/1.1 101 Hi\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "another protocol"],
])("%s is not a response", async (_, bytes, why) => {
  const { port } = await rawServer((socket) => socket.end(bytes));
  await expect(send(`http://hook.test:${port}/`)).rejects.toThrow(why);
});

test("only the start of a huge response is read", async () => {
  const cut = Promise.withResolvers<void>();
  const { port } = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const pour = () => {
      while (!socket.destroyed && socket.write("a".repeat(10_000)));
    };
    socket.on("drain", pour);
    socket.on("close", () => cut.resolve());
    pour();
  });
  const answer = await send(`http://hook.test:${port}/`);
  expect(answer.status).toBe(200);
  expect(answer.body).toBe("a".repeat(1_024));
  await within("the connection to be cut", cut.promise);
});

test("the time-out covers the whole exchange", async () => {
  const asked = Promise.withResolvers<void>();
  const cut = Promise.withResolvers<void>();
  const { port } = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nslow");
    socket.on("close", () => cut.resolve());
    asked.resolve();
  });
  const slow = send(`http://hook.test:${port}/`, { timeoutMs: 4_000 });
  await within("the request", asked.promise);
  clock.advance(4_000);
  await expect(slow).rejects.toThrow("No complete response within 4000 ms");
  await within("the connection to be cut", cut.promise);
});

test("a name lookup that takes too long sends nothing, even after it ends", async () => {
  const { port, connections } = await rawServer((socket) => socket.end());
  const found = Promise.withResolvers<{ address: string; family: number }[]>();
  const slow = send(`http://hook.test:${port}/`, { timeoutMs: 4_000 }, () => found.promise);
  clock.advance(4_000);
  await expect(slow).rejects.toThrow("No complete response");
  found.resolve([{ address: "127.0.0.1", family: 4 }]);
  await found.promise;
  expect(connections()).toBe(0);
});

function send(
  url: string,
  request: { headers?: Record<string, string>; body?: string; timeoutMs?: number } = {},
  resolve: Resolve = async () => [{ address: "127.0.0.1", family: 4 }],
  allow = ["127.0.0.0/8"],
) {
  const guard = new TargetGuard({ allow, isHttpAllowed: true }, resolve);
  const fetcher = createTargetFetcher(guard, clock, { ca: certificate.cert });
  cleanups.push(() => fetcher.close());
  return fetcher.fetchTo({ url, headers: {}, body: "{}", timeoutMs: 60_000, ...request });
}

/** Answers the first bytes of each connection with the given response. */
async function rawServer(answer: (socket: Socket) => void) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => socket.destroy());
    socket.once("data", () => answer(socket));
    cleanups.push(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, connections: () => connections };
}
