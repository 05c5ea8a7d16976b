/** Commands whose reader closes the pipe, as in `soketify audit export | head -1`. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { program } from "../support/program.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const soketify = program.join(" ");
let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());

/** Returns the command's status, and its standard error. */
function pipedInto(reader: string, command: string) {
  const line = `${soketify} ${command} | ${reader}; echo "|\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", line], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SOKETIFY_DATA_DIR: server.dataDir },
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status: stdout.trim().split("|").at(-1), errors: stderr };
}

test.each([
  ["--help", "true"],
  ["config --json", "true"],
  ["app list", "true"],
  ["audit list", "head -c 1"],
  ["audit export", "head -c 1"],
])("%s ends without an error after %s has closed the pipe", (command, reader) => {
  expect(pipedInto(reader, command)).toEqual({ status: "0", errors: "" });
});

test("listen ends at the first line after the reader closed the pipe", async () => {
  let isPublishing = true;
  const publishing = until("listen to end", async () => {
    await server.admin("POST", `/apps/${server.app.id}/events`, {
      name: "e",
      data: "{}",
      channels: ["news"],
    });
    return !isPublishing;
  });
  const line = `${soketify} listen ${server.app.id} | head -n 1; echo "|\${PIPESTATUS[0]}"`;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, SOKETIFY_DATA_DIR: server.dataDir };
  const listening = Bun.spawn(["bash", "-c", line], { env, stdout: "pipe", stderr: "pipe" });
  const [shown, errors] = await Promise.all([listening.stdout.text(), listening.stderr.text()]);
  isPublishing = false;
  await publishing;
  expect(shown.trim().split("\n")).toEqual([expect.stringContaining("event_published"), "|0"]);
  expect(errors).toBe("");
});

test("the exit code reports an error even if nobody reads the message", () => {
  expect(pipedInto("true", "config --port x 2>&1")).toEqual({ status: "2", errors: "" });
});

test("a server continues after the reader of its log closed the pipe", async () => {
  const other = await startServer({ program: ["bash", "-c", `${soketify} start | head -n 3 >&2`] });
  try {
    await other.admin("POST", "/apps", { name: "Logged" });
    expect((await fetch(`${other.httpUrl}/health/live`)).status).toBe(200);
  } finally {
    await other.remove();
  }
});
