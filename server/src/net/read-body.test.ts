import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { within } from "../../test/support/until.ts";
import { HttpError } from "../protocol/errors.ts";
import { readBody } from "./read-body.ts";

const bytesMax = 1_000;
const mebibyte = 1_048_576;
let server: Bun.Server<undefined>;

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request) =>
      readBody(request, bytesMax).then(
        (body) => new Response(`read ${body.length}`),
        (error) => new Response(String(error), { status: error instanceof HttpError ? error.status : 500 }),
      ),
  });
});

afterAll(() => server.stop(true));

interface Sending {
  readonly bytes: number;
  readonly isChunked: boolean;
  readonly closes?: boolean;
}

/** Sends bodies one after another over one connection, each completely before it reads. Returns all answers. */
async function send(...sendings: readonly Sending[]): Promise<{ text: string; error: Error | null }> {
  const tcp = connect(server.port ?? 0, "127.0.0.1");
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  let text = "";
  let error: Error | null = null;
  tcp.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split("HTTP/1.1 ").length > sendings.length) resolve();
  });
  tcp.on("error", (problem) => {
    error = problem;
    resolve();
  });
  tcp.on("close", () => resolve());
  for (const { bytes, isChunked, closes = false } of sendings) {
    const length = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${bytes}`;
    tcp.write(
      `POST / HTTP/1.1\r\nHost: h\r\nConnection: ${closes ? "close" : "keep-alive"}\r\n${length}\r\n\r\n`,
    );
    const body = "x".repeat(bytes);
    tcp.write(isChunked ? `${bytes.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body);
  }
  await within("the answers", answered);
  tcp.destroy();
  return { text, error };
}

const statusesOf = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

test.each([true, false])(
  "a body of the maximum length is read, and a longer one is refused (chunked: %p)",
  async (isChunked) => {
    expect((await send({ bytes: bytesMax, isChunked })).text).toContain("read 1000");
    const { text } = await send({ bytes: bytesMax + 1, isChunked });
    expect(statusesOf(text)).toEqual([413]);
    expect(text).toContain("The request body is too large: at most 1000 bytes");
  },
);

test.each([true, false])(
  "after a body of 20 MiB is refused the same connection carries the next request (chunked: %p)",
  async (isChunked) => {
    const { text, error } = await send({ bytes: 20 * mebibyte, isChunked }, { bytes: 7, isChunked: false });
    expect([error, statusesOf(text)]).toEqual([null, [413, 200]]);
    expect(text).toContain("read 7");
  },
);

test.each([true, false])(
  "a sender of 20 MiB with Connection: close receives the refusal, not a broken pipe (chunked: %p)",
  async (isChunked) => {
    const { text, error } = await send({ bytes: 20 * mebibyte, isChunked, closes: true });
    expect([error, statusesOf(text)]).toEqual([null, [413]]);
  },
);

test("a request without a body, and one that may have none, read as empty", async () => {
  expect(await readBody(new Request("http://h/", { method: "POST" }), 1)).toBe("");
  expect(await readBody(new Request("http://h/"), 1)).toBe("");
});
