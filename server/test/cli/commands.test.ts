/** The commands that manage apps: with and without a running server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../support/program.ts";
import { runSoketify, runSoketifyWith } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

interface CreatedApp {
  readonly id: string;
  readonly key: string;
  readonly secretValue: string;
}

const dataDir = mkdtempSync(join(tmpdir(), "soketify-cli-"));
let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.remove();
  rmSync(dataDir, { recursive: true });
});

test.each([
  "app list",
  "trigger 1 my-channel my-event {}",
  "people list",
  "keys rotate",
  "webhook create 1 https://example.com/ --event channel_occupied",
])("%s creates no database in a folder without one", (command) => {
  const empty = mkdtempSync(join(tmpdir(), "soketify-empty-"));
  const { code, errors } = runSoketify(empty, ...command.split(" "));
  expect(code).toBe(1);
  expect(errors).toContain(`There is no database in ${empty}`);
  expect(readdirSync(empty)).toEqual([]);
  rmSync(empty, { recursive: true });
});

test.each(["trigger 1 news headline {}", "listen 1", "history 1 news"])(
  "%s reports that no server runs",
  (command) => {
    runSoketify(dataDir, "app", "create", "--name", "Nobody listens");
    const { code, output, errors } = runSoketify(dataDir, ...command.split(" "));
    expect([code, output]).toEqual([1, ""]);
    expect(errors).toContain(
      `No server runs on the data folder ${dataDir}. Start it, or name a server with --url.`,
    );
  },
);

describe.each([
  ["a running server", () => server.dataDir],
  ["the database where no server runs", () => dataDir],
])("against %s", (_, target) => {
  /** Runs a command and parses its JSON output. */
  function ask<Answer>(...args: string[]): Answer {
    const { code, output, errors } = runSoketify(target(), ...args, "--json");
    if (code !== 0) throw new Error(`soketify ${args.join(" ")} ended with ${code}: ${errors}`);
    return JSON.parse(output);
  }

  test("an app is created, shown, changed and deleted", () => {
    const create = ["app", "create", "--name", "Shop", "--key", "shop", "--secret-file", "-", "--json"];
    const app: CreatedApp = JSON.parse(runSoketifyWith("12345678\n", target(), ...create).output);
    expect(app).toMatchObject({ key: "shop", secretValue: "12345678" });
    expect(ask<CreatedApp[]>("app", "list").map(({ id }) => id)).toContain(app.id);
    const changed = ask("app", "update", app.id, "--disable", "--set", "clientEventsEnabled=false");
    expect(changed).toMatchObject({ isEnabled: false, settings: { clientEventsEnabled: false } });
    expect(ask<CreatedApp>("app", "show", app.id, "--secret")).toMatchObject({ secretValue: "12345678" });
    ask("app", "delete", app.id);
    const { code, errors } = runSoketify(target(), "app", "show", app.id);
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining("No app has the id") });
  });

  test("a secret is rotated and activated, and a second rotation is cancelled", () => {
    const { id } = ask<CreatedApp>("app", "create");
    const states = () => ask<{ state: string }[]>("secret", "list", id).map(({ state }) => state);
    const { value } = ask<{ value: string }>("secret", "rotate", id);
    expect(states().toSorted()).toEqual(["active", "pending"]);
    ask("secret", "activate", id, "--force");
    expect(ask<CreatedApp>("app", "show", id, "--secret").secretValue).toBe(value);
    ask("secret", "rotate", id);
    ask("secret", "cancel", id);
    expect(states()).not.toContain("pending");
  });

  test("a webhook's channels, headers and batching can be changed one by one", () => {
    const { id: appId } = ask<CreatedApp>("app", "create");
    const [url, flags] = [
      "https://example.com/hook",
      ["--event", "channel_occupied", "--prefix", "a-", "b-"],
    ];
    const { id } = ask<{ id: string }>("webhook", "create", appId, url, ...flags, "--header", "X-Team: one");
    const update = (...changes: string[]) => ask<object>("webhook", "update", appId, id, ...changes);
    const filters = { prefix: ["a-", "b-"], suffix: [], glob: [] };
    expect(update("--batching")).toMatchObject({ batching: true, filters, headerNames: ["X-Team"] });
    const narrower = { prefix: ["a-", "b-"], suffix: ["-eu"], glob: [] };
    expect(update("--suffix", "-eu", "--header", "X-Shop: 1", "--header", "X-Place:eu")).toMatchObject({
      batching: true,
      filters: narrower,
      headerNames: ["X-Shop", "X-Place"],
    });
    expect(update("--no-batching", "--all-channels", "--no-header")).toMatchObject({
      url,
      batching: false,
      headerNames: [],
      events: ["channel_occupied"],
      enabled: true,
      filters: { prefix: [], suffix: [], glob: [] },
    });
    const contrary = runSoketify(
      target(),
      "webhook",
      "update",
      appId,
      id,
      "--all-channels",
      "--prefix",
      "a-",
    );
    expect(contrary).toMatchObject({ code: 2, errors: expect.stringContaining("--all-channels") });
    const nameless = runSoketify(target(), "webhook", "update", appId, id, "--header", "no colon");
    expect(nameless).toMatchObject({ code: 2, errors: expect.stringContaining("It must be name:value") });
  });

  test("a token is created and revoked, and the audit log records it", () => {
    const token = ask<{ id: string; value: string }>("token", "create", "ci", "--scope", "read");
    expect(token.value).toStartWith("sfy_");
    ask("token", "revoke", token.id);
    expect(ask<{ id: string }[]>("token", "list").map(({ id }) => id)).not.toContain(token.id);
    const actions = ask<{ action: string }[]>("audit", "list", "--limit", "2").map(({ action }) => action);
    expect(actions).toEqual(["token.revoke", "token.create"]);
    expect(ask<{ isIntact: boolean }>("audit", "verify").isIntact).toBe(true);
  });
});

test("listings distinguish a token from a person with the same name", async () => {
  const { dataDir, httpUrl } = server;
  const name = "ada@example.com";
  const made = runSoketify(dataDir, "token", "create", name, "--scope", "admin", "--json");
  const there = ["--url", httpUrl, "--token-file", "-", "--json"];
  const { value } = JSON.parse(made.output);
  const { id } = JSON.parse(runSoketifyWith(value, dataDir, "app", "create", ...there).output);
  const kinds = (lines: string) => /"actorKind": ?"(\w+)"[^}]*?"actor": ?"ada@example.com"/.exec(lines)?.[1];
  expect(runSoketify(dataDir, "audit", "list", "--app", id).output).toMatch(/ token +ada@example\.com /);
  expect(kinds(runSoketify(dataDir, "audit", "list", "--app", id, "--json").output)).toBe("token");
  expect(kinds(runSoketify(dataDir, "audit", "export").output)).toBe("token");
  expect(runSoketify(dataDir, "secret", "list", id).output).toContain("token ada@example.com");
});

test("listen shows the events that trigger sends", async () => {
  const args = ["listen", server.app.id, "--channel", "news", "--json", "--data-dir", server.dataDir];
  const [file, ...first] = program;
  const listening = spawn(file, [...first, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  listening.stdout.on("data", (chunk) => {
    output += chunk;
  });
  try {
    await until("the event to be listened to", () => {
      const sent = runSoketify(server.dataDir, "trigger", server.app.id, "news", "headline", '{"a":1}');
      expect(sent.errors).toBe("");
      return output.includes("headline");
    });
  } finally {
    listening.kill();
  }
});

test("apps move to another database in one sealed file, and their keys can be changed there", () => {
  const passphraseFile = join(dataDir, "passphrase");
  writeFileSync(passphraseFile, "correct horse battery\n");
  const file = join(dataDir, "apps.json");
  const flags = ["--passphrase-file", passphraseFile, "--json"];
  expect(runSoketify(server.dataDir, "export", file, ...flags)).toMatchObject({ code: 0 });
  expect(runSoketify(dataDir, "import", file, ...flags)).toMatchObject({ code: 0 });
  expect(runSoketify(dataDir, "import", file, ...flags).errors).toContain(
    "Use --taken skip or --taken replace",
  );
  expect(runSoketify(dataDir, "keys", "rewrap")).toMatchObject({ code: 0 });
  expect(runSoketify(dataDir, "keys", "rotate")).toMatchObject({ code: 0 });
  const shown = runSoketify(dataDir, "app", "show", server.app.id, "--secret", "--json");
  expect(JSON.parse(shown.output)).toMatchObject({ secretValue: server.app.secret });
});

test("a file that no server wrote is named, with the way to continue", () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-cli-"));
  writeFileSync(join(folder, "server.json"), "{");
  const { code, errors } = runSoketify(folder, "app", "list");
  rmSync(folder, { recursive: true });
  expect(errors).toContain("server.json has unexpected content");
  expect(code).toBe(1);
});
