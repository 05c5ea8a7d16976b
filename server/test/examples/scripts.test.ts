/** The shell scripts in the documentation, and the lists in its reference pages. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { runSoketify } from "../support/run-soketify.ts";
import { exampleEnv, examples } from "../support/start-example.ts";
import { subscribe, useServer } from "../support/use-server.ts";

const stage = useServer();
const repository = join(examples, "..");

function runScript(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(join(examples, script), args, {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function page(file: string): string {
  return readFileSync(join(repository, "docs", file), "utf8");
}

test("a request that a shell script signs publishes an event", async () => {
  const client = await stage.pusherJs();
  const { received } = await subscribe(client, "my-channel");
  const env = { ...exampleEnv(stage.server), SOKETIFY_URL: stage.server.httpUrl };
  expect(runScript("http-api/publish.sh", [], env)).toEqual({ status: 0, stdout: "{}", stderr: "" });
  expect(await received.next("the event")).toEqual({ event: "my-event", data: { hello: "world" } });
  const wrong = runScript("http-api/publish.sh", [], { ...env, SOKETIFY_APP_SECRET: "wrong" });
  expect(wrong.status).not.toBe(0);
  expect(wrong.stdout).toContain("Invalid signature");
});

test("a backup of a running server is restored with its apps and secrets", async () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-backup-"));
  const backup = join(folder, "backup");
  const restored = join(folder, "restored");
  await stage.server.admin("PATCH", `/apps/${stage.server.app.id}`, { name: "Kept" });
  expect(runScript("backup/backup.sh", [stage.server.dataDir, backup]).stderr).toBe("");
  await stage.server.admin("PATCH", `/apps/${stage.server.app.id}`, { name: "Changed later" });
  expect(runScript("backup/restore.sh", [backup, restored]).stderr).toBe("");
  const { output } = runSoketify(restored, "app", "show", stage.server.app.id, "--secret", "--json");
  expect(JSON.parse(output)).toMatchObject({ name: "Kept", secretValue: stage.server.app.secret });
  rmSync(folder, { recursive: true });
});

test("the page of the HTTP API lists each of its routes", () => {
  const source = readFileSync(join(repository, "server/src/pusher-api/routes.ts"), "utf8");
  const patterns = [...source.matchAll(/\b(get|post)\("(\/[^"]+)"/g)].map(
    ([, method, path = ""]) => `${method?.toUpperCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`,
  );
  expect(patterns.length).toBeGreaterThan(8);
  const text = page("reference/http-api.md");
  expect(patterns.filter((pattern) => !text.includes(`\`${pattern}\``))).toEqual([]);
});

test("the page of the wire protocol lists each event that the server sends or accepts", () => {
  const folder = join(repository, "server/src/protocol");
  const sources = [...new Glob("*.ts").scanSync(folder)].filter((file) => !file.endsWith(".test.ts"));
  const events = sources.flatMap((file) => {
    const source = readFileSync(join(folder, file), "utf8");
    return [...source.matchAll(/"(pusher(?:_internal)?:[a-z_]{2,})"/g)].map(([, event = ""]) => event);
  });
  expect(new Set(events).size).toBeGreaterThan(10);
  const text = page("reference/wire-protocol.md");
  expect([...new Set(events)].filter((event) => !text.includes(`\`${event}\``))).toEqual([]);
});
