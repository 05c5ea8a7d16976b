/** Runs the examples whose packages come from PyPI and the Go module proxy, and checks the signatures that they return. */
import { spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../server/test/support/net/free-port.ts";
import { until } from "../../server/test/support/until.ts";
import { type Checks, root, run } from "./tools.ts";

const app = { SOKETIFY_APP_ID: "1", SOKETIFY_APP_KEY: "key", SOKETIFY_APP_SECRET: "secret" };

export const exampleChecks: Checks = {
  "example: FastAPI signs as the protocol says": () =>
    inFolder((folder) => {
      const example = join(root, "examples/fastapi");
      const requirements = join(example, "requirements.txt");
      run("pip3", [
        "install",
        "--quiet",
        "--root-user-action=ignore",
        "--target",
        folder,
        "-r",
        requirements,
      ]);
      const args = (port: number) => ["-m", "uvicorn", "main:app", "--port", String(port)];
      return checkSignatures(example, (port) => ["python3", ...args(port), "--log-level", "error"], {
        PYTHONPATH: folder,
      });
    }),
  "example: Go signs as the protocol says": () =>
    inFolder((folder) => {
      const example = join(root, "examples/go");
      const program = join(folder, "example");
      run("sh", ["-c", 'cd "$0" && exec go build -o "$1" .', example, program]);
      return checkSignatures(example, () => [program]);
    }),
};

async function inFolder(check: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-example-"));
  try {
    await check(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts a backend on a free port, and asks it for the subscription of a private channel. */
async function checkSignatures(
  cwd: string,
  commandOf: (port: number) => readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const port = await freePort();
  const [program = "", ...args] = commandOf(port);
  const options = { cwd, env: { ...process.env, ...app, ...env, PORT: String(port) } };
  const child = spawn(program, args, { ...options, stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "exit");
  const ask = (token: string, channel: string) =>
    fetch(`http://127.0.0.1:${port}/pusher/auth`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: new URLSearchParams({ socket_id: "1.2", channel_name: channel }),
    });
  try {
    await until("the example to answer", () => ask("", "x").then(Boolean, () => false));
    const refused = await ask("token-of-ada", "private-inbox-bo");
    if (refused.status !== 403) throw new Error(`Another user's inbox was answered with ${refused.status}`);
    const { auth } = (await (await ask("token-of-ada", "private-inbox-ada")).json()) as { auth: string };
    const signature = createHmac("sha256", app.SOKETIFY_APP_SECRET).update("1.2:private-inbox-ada");
    const expected = `key:${signature.digest("hex")}`;
    if (auth !== expected) throw new Error(`The example signed ${auth}, but expected was ${expected}`);
    const second = spawnSync(program, args, { ...options, encoding: "utf8" });
    if (second.status !== 1 || !second.stderr.includes(String(port)))
      throw new Error(`The example did not name the port in use: ${second.stderr}`);
  } finally {
    child.kill();
    await ended;
  }
}
