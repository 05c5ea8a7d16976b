/** Which certificates of a real Redis with TLS are accepted. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/net/free-port.ts";
import { makeCertificate } from "../support/net/make-certificate.ts";
import { startRedis } from "../support/services/redis.ts";

const folder = mkdtempSync(join(tmpdir(), "soketify-redis-tls-"));
const { certificate, key } = makeCertificate(folder, "redis");
let port: number;
let redis: Awaited<ReturnType<typeof startRedis>>;

beforeAll(async () => {
  port = await freePort();
  const files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate];
  redis = await startRedis("--tls-port", String(port), ...files, "--tls-auth-clients", "no");
});
afterAll(async () => {
  await redis?.remove();
  rmSync(folder, { recursive: true });
});

/**
 * Connects in a process of its own, because the runtime reads trusted certificates only when it starts. Returns the
 * name of the product, or the error.
 */
async function productOrError(url: string, trusted?: string): Promise<string> {
  const module = new URL("../../src/cli/commands/doctor-redis.ts", import.meta.url).href;
  const program = `const { readRedis } = await import(${JSON.stringify(module)});
    console.log(await readRedis(process.argv[1]).then(([state]) => state.product, String));`;
  const child = Bun.spawn([process.execPath, "-e", program, url], {
    env: { ...process.env, ...(trusted !== undefined && { NODE_EXTRA_CA_CERTS: trusted }) },
    stderr: "inherit",
  });
  return await new Response(child.stdout).text();
}

test("a server with a trusted certificate for its name is used", async () => {
  expect(await productOrError(`rediss://localhost:${port}`, certificate)).toBe("Redis\n");
});

test("a certificate for another name is refused", async () => {
  expect(await productOrError(`rediss://127.0.0.1:${port}`, certificate)).toContain("altnames");
});

test("a certificate that the system does not trust is refused", async () => {
  expect(await productOrError(`rediss://localhost:${port}`)).toContain("self");
});
