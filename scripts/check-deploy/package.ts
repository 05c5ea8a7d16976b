/**
 * Uses the packed npm package as a new user does: in an empty folder, without bun on the PATH, on several versions of Node.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { type RunningServer, startServer } from "../../server/test/support/start-server.ts";
import { until } from "../../server/test/support/until.ts";
import { type Checks, nodeOf, run } from "./tools.ts";

/** The oldest supported version, a version in which the launcher's process becomes the server (22.15 or later), and the newest version with long-term support. */
const nodeVersions = ["20.20.2", "22.23.5", "24.22.3"];
const channel = "my-channel";
const data = '{"hello":"world"}';
const line = /^\d+\.\d+\.\d+ \(commit \w+, Bun \d+\.\d+\.\d+, \w+ \w+\)\n$/;

export const packageChecks: Checks = Object.fromEntries(
  nodeVersions.map((version) => [
    `package: installs, starts, publishes and stops on Node ${version}`,
    () => checkPackageOn(version),
  ]),
);

async function checkPackageOn(version: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-package-"));
  try {
    const programs = programFolder(folder, nodeOf(version));
    const place = join(folder, "place");
    mkdirSync(place);
    run("npm", ["pack", "--workspace", "server", "--pack-destination", folder]);
    const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    const inPlace = (program: string, ...args: readonly string[]) => runIn(place, programs, program, args);
    const found = inPlace("node", "--version");
    if (found !== `v${version}\n`) throw new Error(`the PATH has Node ${found}`);
    inPlace("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, archive));
    const printed = inPlace("npx", "soketify", "--version");
    if (!line.test(printed)) throw new Error(`--version printed ${printed}`);
    const server = await startServer({
      program: [join(programs, "npx"), "soketify"],
      cwd: place,
      env: { PATH: `${programs}:/bin` },
    });
    try {
      await checkServer(server, (...args) => inPlace("npx", "soketify", ...args));
    } finally {
      await server.remove();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function checkServer(
  server: RunningServer,
  soketify: (...args: readonly string[]) => string,
): Promise<void> {
  if (!(await fetch(`${server.httpUrl}/dashboard/`)).ok) throw new Error("the dashboard does not answer");
  using client = await RawClient.connect(server.webSocketUrl());
  await client.subscribe(channel);
  soketify("trigger", server.app.id, channel, "my-event", data, "--data-dir", server.dataDir);
  const event = await client.expect("my-event", channel);
  if (event.data !== data) throw new Error(`the client received ${JSON.stringify(event)}`);
  // npm ends immediately, but the server only after its drain.
  process.kill(server.pid, "SIGTERM");
  await until("the server to log that it stops", () => server.log.includes("Soketify is stopping"));
  const answers = () => fetch(server.httpUrl).then(Boolean, () => false);
  await until("the server to end", async () => !(await answers()));
}

/** @returns a folder that contains only `node`, `npm` and `npx` */
function programFolder(folder: string, node: string): string {
  const programs = join(folder, "programs");
  mkdirSync(programs);
  symlinkSync(node, join(programs, "node"));
  for (const name of ["npm", "npx"]) {
    const path = Bun.which(name);
    if (path === null) throw new Error(`there is no ${name} on the PATH`);
    symlinkSync(realpathSync(path), join(programs, name));
  }
  return programs;
}

function runIn(cwd: string, programs: string, program: string, args: readonly string[]): string {
  const env = { PATH: `${programs}:/bin`, HOME: process.env.HOME };
  const options = { cwd, env, encoding: "utf8" as const };
  const { status, stdout, stderr } = spawnSync(join(programs, program), args, options);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}
