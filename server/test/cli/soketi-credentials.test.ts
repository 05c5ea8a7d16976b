/** Credentials from soketi's documentation: an id that is not a number, and a short secret. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import Pusher from "pusher";
import { runSoketify } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";

let server: RunningServer;

beforeAll(async () => {
  const none = { SOKETIFY_APP_ID: "", SOKETIFY_APP_KEY: "", SOKETIFY_APP_SECRET: "" };
  const soketi = {
    SOKETI_DEFAULT_APP_ID: "app-id",
    SOKETI_DEFAULT_APP_KEY: "app-key",
    SOKETI_DEFAULT_APP_SECRET: "app-secret",
  };
  server = await startServer({ env: { ...none, ...soketi } });
});
afterAll(() => server.remove());

test("a backend publishes with them, and the log warns of the short secret", async () => {
  const { host, port } = server;
  const options = { host, port: String(port), useTLS: false, cluster: "x" };
  const pusher = new Pusher({ appId: "app-id", key: "app-key", secret: "app-secret", ...options });
  expect((await pusher.trigger("news", "headline", {})).status).toBe(200);
  expect((await pusher.get({ path: "/channels" })).status).toBe(200);
  expect(server.log).toContain("The secret has 10 characters");
});

test("every command with an app argument accepts the id", () => {
  const run = (...args: string[]) => runSoketify(server.dataDir, ...args);
  expect(run("app", "show", "app-id", "--secret").output).toContain("app-secret");
  expect(run("trigger", "app-id", "news", "headline", "{}").output).toContain("published");
  expect(run("token", "create", "ci", "--scope", "app:app-id").output).toContain("app:app-id");
  expect(run("audit", "list", "--app", "app-id").output).toContain("app app-id");
  const made = run("app", "create", "--id", "Other_App", "--key", "k");
  expect({ code: made.code, errors: made.errors }).toEqual({ code: 0, errors: "" });
  expect(run("app", "create", "--id", "a/b").errors).toContain("must be 1 to 64 letters, digits, _ or -");
});
