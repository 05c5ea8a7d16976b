/** The data folder of a server that was started by the launcher: private, and used by one server at a time. */
import { afterEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../support/program.ts";
import { runSoketify } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove();
});

async function start(dataDir?: string, given?: readonly [string, ...string[]]): Promise<RunningServer> {
  const server = await startServer({
    ...(dataDir !== undefined && { env: { SOKETIFY_DATA_DIR: dataDir } }),
    ...(given !== undefined && { program: given }),
  });
  servers.push(server);
  return server;
}

function modesIn(folder: string): Record<string, string> {
  const names = [".", ...readdirSync(folder)].toSorted();
  return Object.fromEntries(
    names.map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
  );
}

test("the folder and its files are private with any umask, and existing ones are made private", async () => {
  const folder = join(mkdtempSync(join(tmpdir(), "soketify-modes-")), "data");
  const openToAll = ["bash", "-c", `umask 000; exec ${program.join(" ")} "$0" "$@"`] as const;
  const server = await start(folder, openToAll);
  const names = ["master.key", "server.json", "soketify.db", "soketify.db-shm", "soketify.db-wal"];
  const expected = { ".": "700", ...Object.fromEntries(names.map((name) => [name, "600"])) };
  expect(modesIn(folder)).toMatchObject(expected);
  await server.kill();
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
  chmodSync(folder, 0o755);
  await server.start();
  const modes = modesIn(folder);
  expect(modes).toMatchObject(expected);
  expect(new Set(Object.values(modes))).toEqual(new Set(["700", "600"]));
  rmSync(join(folder, ".."), { recursive: true });
});

test("a second server on the folder is refused with the process id of the first", async () => {
  const first = await start();
  const { code, errors } = runSoketify(first.dataDir, "start", "--port", "0");
  expect(errors).toContain(`Another Soketify, process ${first.servingPid} on `);
  expect(errors).toContain(`runs on the data folder ${first.dataDir}: stop it first`);
  expect(code).toBe(1);
  expect(runSoketify(first.dataDir, "app", "list").output).toContain(first.app.id);
});

test("a killed server leaves no lock, and commands do not mistake another program for it", async () => {
  const server = await start();
  await server.kill();
  // The file that it left contains a process id that may now belong to any program.
  expect(runSoketify(server.dataDir, "app", "list")).toMatchObject({
    code: 0,
    output: expect.stringContaining(server.app.id),
  });
  await server.start();
  expect(runSoketify(server.dataDir, "app", "list").code).toBe(0);
});

test("of many concurrent starts on one folder one succeeds", async () => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-race-"));
  const racers = Array.from({ length: 4 }, () =>
    Bun.spawn([...program, "start", "--port", "0", "--data-dir", folder], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production" },
      stdout: "pipe",
      stderr: "pipe",
    }),
  );
  const isOver = (racer: (typeof racers)[number]) => racer.exitCode !== null;
  await until("all but one to have ended", () => racers.filter(isOver).length === racers.length - 1);
  const errors = await Promise.all(racers.filter(isOver).map((racer) => racer.stderr.text()));
  expect(errors.filter((text) => !text.includes("Another Soketify"))).toEqual([]);
  const [winner] = racers.filter((racer) => !isOver(racer));
  winner?.kill();
  await winner?.exited;
  rmSync(folder, { recursive: true });
});
