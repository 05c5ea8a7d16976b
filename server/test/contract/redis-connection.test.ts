/** A real Redis with TLS, and one with a user and a password. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRedis } from "../../src/cluster/redis-connection.ts";
import { readRedisUrl } from "../../src/cluster/redis-target.ts";
import { systemClock } from "../../src/composition/system-clock.ts";
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

/** What a process of its own finds: the runtime reads trusted certificates only when it starts. */
async function look(url: string, trusted?: string): Promise<string> {
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
  expect(await look(`rediss://localhost:${port}`, certificate)).toBe("Redis\n");
});

test("a certificate for another name is refused", async () => {
  const found = await look(`rediss://127.0.0.1:${port}`, certificate);
  expect(found).toContain(`127.0.0.1:${port} has no trusted certificate`);
  expect(found).toContain("altnames");
});

test("a certificate that nobody trusted vouches for is refused", async () => {
  const found = await look(`rediss://localhost:${port}`);
  expect(found).toContain(`localhost:${port} has no trusted certificate: self`);
});

test("the user, the password and the database of the URL are used", async () => {
  const guarded = await startRedis(...["--user", "ada", "on", ">top:secret", "~*", "&*", "+@all"]);
  try {
    const target = readRedisUrl(`redis://ada:top%3Asecret@127.0.0.1:${guarded.port}/3`);
    const listener = { onLine: () => undefined, lost: () => undefined };
    const connection = await connectRedis(target, systemClock, listener);
    expect(await connection.send("", ["CLIENT", "INFO"])).toMatch(/ db=3 .* user=ada /);
    connection.close();
    const wrong = { ...target, password: "wrong" };
    expect(await connectRedis(wrong, systemClock, listener).catch(String)).toContain("WRONGPASS");
  } finally {
    await guarded.remove();
  }
});
