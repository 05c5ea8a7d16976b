/** `soketify start` on a terminal and under a supervisor. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Browser } from "../support/people-api.ts";
import { launcher } from "../support/program.ts";
import { runSoketify } from "../support/run-soketify.ts";
import { RunningServer, type ServerOptions, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const testTimeoutMs = 60_000;
let server: RunningServer | null = null;

afterEach(async () => {
  await server?.remove();
  server = null;
});

async function start(options: ServerOptions = {}): Promise<RunningServer> {
  server = await startServer(options);
  return server;
}

async function isReady({ httpUrl }: RunningServer): Promise<boolean> {
  const answer = await fetch(`${httpUrl}/health/ready`).catch(() => null);
  return answer?.status === 200;
}

test("the first start prints credentials, a snippet, and a line that triggers an event", async () => {
  const noApp = { SOKETIFY_APP_ID: "", SOKETIFY_APP_KEY: "", SOKETIFY_APP_SECRET: "" };
  const { log } = await start({ env: noApp });
  expect(log).toMatch(/App ID +\d+\n +Key +[0-9a-f]+\n +Secret +\S+\n/);
  expect(log).toContain("new Pusher(");
  const [, body, url] = /curl .* -d '(.*)' '(.*)'/.exec(log) ?? [];
  const answer = await fetch(url ?? "", { method: "POST", body: body ?? "" });
  expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: "{}" });
});

test.each([
  [{ NODE_ENV: "production" }],
  [{ NODE_ENV: "production", SOKETIFY_LOG_FORMAT: "pretty" }],
  [{ SOKETIFY_LOG_FORMAT: "json" }],
])(
  "with %j the log contains no secret, and names the command for the setup link",
  async (env) => {
    const noApp = { SOKETIFY_APP_ID: "", SOKETIFY_APP_KEY: "", SOKETIFY_APP_SECRET: "" };
    const { dataDir, httpUrl } = await start({ env: { ...noApp, ...env } });
    const log = () => server?.log ?? "";
    // It is a line of its own, after the one that says that the server listens.
    await until("the command", () => log().includes("Run `soketify people setup-link` on this machine"));
    expect(log()).not.toContain("setup#");
    const [first] = JSON.parse(runSoketify(dataDir, "app", "list", "--json").output);
    const { secretValue } = JSON.parse(
      runSoketify(dataDir, "app", "show", first.id, "--secret", "--json").output,
    );
    expect(log()).not.toContain(secretValue);

    const { url } = JSON.parse(runSoketify(dataDir, "people", "setup-link", "--json").output);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/dashboard\/setup#[\w-]+$/);
    const owner = new Browser(httpUrl, fetch);
    await owner.join(url, { email: "owner@example.com" });
    expect((await owner.load()).person?.role).toBe("owner");
    const again = runSoketify(dataDir, "people", "setup-link");
    expect({ code: again.code, errors: again.errors }).toEqual({
      code: 1,
      errors: expect.stringContaining("An account already exists"),
    });
  },
  60_000,
);

test("a killed launcher also ends the server", async () => {
  const running = await start({ program: ["node", launcher] });
  process.kill(running.pid, "SIGKILL");
  await until("the server to be gone", async () => !(await isReady(running)));
});

test("a second signal ends a server that has ten minutes to drain", async () => {
  const running = await start({ env: { SOKETIFY_DRAIN_GRACE_MS: "600000" } });
  process.kill(running.pid, "SIGTERM");
  await until("the server to be unready", async () => !(await isReady(running)));
  // A signal that follows immediately may be the first one, forwarded by a launcher.
  await until("a later signal to count", () => {
    if (running.isRunning) process.kill(running.pid, "SIGTERM");
    return !running.isRunning;
  });
  expect(await running.stop()).toEqual({ code: 0, signal: null });
});

test("a start on a port in use ends with a message", async () => {
  const { port } = await start();
  const second = new RunningServer({}, port);
  await expect(second.start()).rejects.toThrow(
    `port ${port} is in use. Stop the program that uses it, or set --port (SOKETIFY_PORT) to a free port`,
  );
  expect(await second.stop()).toEqual({ code: 1, signal: null });
  await second.remove();
});

test("a start on a host of another machine ends with a message", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
  for (const host of ["203.0.113.9", "no-such-name.invalid"]) {
    const { code, errors } = runSoketify(dataDir, "start", "--host", host, "--port", "0");
    expect(errors).toContain(`Soketify could not start: ${host} is not an address of this machine`);
    expect(code).toBe(1);
  }
  rmSync(dataDir, { recursive: true });
});

test(
  "a start without its certificate ends with a message",
  () => {
    const dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
    const certFile = join(dataDir, "missing.pem");
    const flags = ["--tls-cert-file", certFile, "--tls-key-file", certFile];
    const { code, errors } = runSoketify(dataDir, "start", ...flags);
    rmSync(dataDir, { recursive: true });
    expect(code).toBe(2);
    expect(errors).toContain(`--tls-cert-file (SOKETIFY_TLS_CERT_FILE) must name a file`);
    expect(errors).toContain(`${certFile} cannot be read`);
  },
  testTimeoutMs,
);
