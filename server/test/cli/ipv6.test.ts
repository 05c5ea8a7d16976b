/** A server on an IPv6 address, and the commands that connect to it by its URL. */
import { afterAll, expect, test } from "bun:test";
import { runSoketify } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";

const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.remove())));

test.each([
  ["::1", "[::1]"],
  ["::", "localhost"],
])(
  "on %s the welcome, trigger, app list, health and doctor agree on %s",
  async (host, shown) => {
    const server = await startServer({ env: { SOKETIFY_HOST: host } });
    servers.push(server);
    const { port, dataDir, app, log } = server;
    expect(log).toContain(`Soketify is listening on http://${shown}:${port}\n`);
    expect(runSoketify(dataDir, "app", "list").output).toContain(app.id);
    expect(runSoketify(dataDir, "trigger", app.id, "news", "headline", "{}").output).toContain(
      "0 connections",
    );
    const flags = ["--host", ` ${host} `, "--port", String(port)];
    expect(runSoketify(dataDir, "health", ...flags)).toEqual({ code: 0, output: "", errors: "" });
    const doctor = runSoketify(dataDir, "doctor", ...flags);
    expect(doctor.output).toContain(`listening on http://${shown}:${port}`);
    expect(doctor.code).toBe(0);
  },
  60_000,
);
