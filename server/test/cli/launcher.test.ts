/** The launcher as a shell and a supervisor use it, in each of the shipped forms. */
import { beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { binary, launcher, runtimeEnv } from "../support/program.ts";
import { command } from "../support/run-soketify.ts";
import { startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** The package has 1.2 MB: one minified bundle without a source map, with Bun as its only dependency. */
const packageBytesMax = 1_600_000;

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs with only Node and npm on the PATH, without bun. */
function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = tmpdir(),
): Run {
  const node = Bun.which("node");
  if (node === null) throw new Error("There is no node on the PATH");
  const path = mkdtempSync(join(tmpdir(), "soketify-path-"));
  symlinkSync(node, join(path, "node"));
  try {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd,
      env: { PATH: `${path}:/bin`, HOME: cwd, ...env },
      encoding: "utf8",
    });
    return { code: status, output: stdout, errors: stderr };
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** Without the launcher, which takes most of the processor time of a short command. */
function runDirectly(args: readonly string[], env: Record<string, string> = {}): Run {
  const [program, ...first] = command;
  return run(program, [...first, ...args], { ...runtimeEnv, ...env });
}

function npm(args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync("npm", args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed: ${stderr}`);
}

describe("the launcher in the repository", () => {
  test("passes arguments and environment to the server, and returns its output", () => {
    const { code, output } = run("node", [launcher, "config", "--json", "--port", "7123"], {
      SOKETIFY_LOG_LEVEL: "warn",
    });
    expect(code).toBe(0);
    const config = JSON.parse(output);
    expect(config.port).toEqual({ value: 7123, origin: { kind: "flag", name: "--port" } });
    expect(config.logLevel.origin).toEqual({ kind: "environment", name: "SOKETIFY_LOG_LEVEL" });
  });

  test("ends with the exit code of the server, and returns its errors", () => {
    const { code, errors } = run("node", [launcher, "sing"]);
    expect(errors).toContain("Unknown command sing. `soketify help` lists them.");
    expect(code).toBe(2);
  });

  test("doctor passes on a fresh machine and creates nothing", () => {
    const { code, output } = run("node", [launcher, "doctor", "--json", "--port", "0", "--data-dir", "gone"]);
    const findings: { check: string; isWell: boolean }[] = JSON.parse(output);
    expect(findings.filter(({ isWell }) => !isWell)).toEqual([]);
    expect(code).toBe(0);
    expect(existsSync(join(tmpdir(), "gone"))).toBe(false);
  });

  test("health reports that no server answers, with exit code 1", () => {
    const { code, errors } = run("node", [launcher, "health", "--port", "1"]);
    expect(errors).toContain("http://127.0.0.1:1/health/live does not answer");
    expect(code).toBe(1);
  });
});

describe("without the launcher", () => {
  test.each([
    [["--prot", "1"], {}, "Did you mean --port?"],
    [["start", "--port", "many"], {}, "--port must be a whole number"],
    [["start"], { SOKETIFY_PROT: "1" }, "Did you mean SOKETIFY_PORT?"],
    [["start", "--config", "gone.yaml"], {}, "gone.yaml, given by --config, cannot be read"],
    [["peple", "list"], {}, "Unknown command peple. Did you mean people?"],
  ])("%j with %j ends with exit code 2 and the reason", (args, env, message) => {
    const { code, errors } = runDirectly(args, env as Record<string, string>);
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });

  test("doctor reports a port in use with the solution, and exit code 1", () => {
    const taken = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: (socket) => socket.terminate() },
    });
    const where = ["--host", "127.0.0.1", "--port", String(taken.port), "--data-dir", "gone"];
    const { code, output } = runDirectly(["doctor", ...where]);
    taken.stop(true);
    expect(output).toContain("choose another with --port");
    expect(code).toBe(1);
  });

  test("migrate creates the tables once", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "soketify-migrate-"));
    const first = runDirectly(["migrate", "--json", "--data-dir", dataDir]);
    const second = runDirectly(["migrate", "--json", "--data-dir", dataDir]);
    rmSync(dataDir, { recursive: true });
    expect(JSON.parse(first.output).steps).toContain("001-apps");
    expect(JSON.parse(second.output).steps).toEqual([]);
  });
});

test("health reports a server that is not Soketify, with exit code 1", async () => {
  const other = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response(null, { status: 404 }),
  });
  const health = Bun.spawn(["node", launcher, "health", "--port", String(other.port)], { stderr: "pipe" });
  expect(await new Response(health.stderr).text()).toContain("answers 404, so this is not Soketify");
  expect(await health.exited).toBe(1);
  await other.stop(true);
});

test("if Node can replace its process with a program, the launcher becomes the server", () => {
  const fakeExecve = "process.execve = (...call) => { console.log(JSON.stringify(call)); process.exit(); }";
  const { output } = run(
    "node",
    ["--import", `data:text/javascript,${fakeExecve}`, launcher, "config", "--json"],
    {
      SOKETIFY_PORT: "7001",
    },
  );
  const [program, args, env] = JSON.parse(output);
  expect(existsSync(program)).toBe(true);
  expect(args).toEqual([program, join(root, "server/src/main.ts"), "config", "--json"]);
  expect(env.SOKETIFY_PORT).toBe("7001");
});

describe.each([
  ["npm start", ["npm", "run"]],
  ["npx", ["npx", "--no-install", "soketify"]],
] as const)("a server that was started by %s", (_, program) => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-npm-"));

  beforeAll(() => {
    mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
    symlinkSync(launcher, join(folder, "node_modules", ".bin", "soketify"));
    const manifest = { name: "example", scripts: { start: "soketify start" } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    return () => rmSync(folder, { recursive: true });
  });

  test("drains and ends if only that process receives the signal", async () => {
    const server = await startServer({ program, cwd: folder });
    try {
      process.kill(server.pid, "SIGTERM");
      await until("the server to be gone", async () => (await statusOf(server.httpUrl)) === null);
      await until("its log to say so", () => server.log.includes("Soketify is stopping"));
    } finally {
      await server.remove();
    }
  });

  async function statusOf(url: string): Promise<number | null> {
    return fetch(url).then(
      ({ status }) => status,
      () => null,
    );
  }
});

describe("the shipped files", () => {
  const versionWithCommit = /^\d+\.\d+\.\d+ \(commit ([0-9a-f]{12}|unknown), Bun \d+\.\d+\.\d+, \w+ \w+\)\n$/;
  const home = mkdtempSync(join(tmpdir(), "soketify-shipped-"));
  const packed = join(home, "packed");
  const quietly = ["--prefer-offline", "--no-audit", "--no-fund"];

  beforeAll(() => {
    if (binary === null) npm(["run", "build:binary"], root);
    mkdirSync(packed);
    // `npm test` has just built what is packed.
    const scripts = binary === null ? [] : ["--ignore-scripts"];
    npm(["pack", ...scripts, "--workspace", "server", "--pack-destination", packed], root);
    return () => rmSync(home, { recursive: true });
  });

  function packedArchive(): string {
    const name = readdirSync(packed).find((file) => file.endsWith(".tgz"));
    if (name === undefined) throw new Error("npm pack left no archive");
    return join(packed, name);
  }

  function tar(args: readonly string[]): string {
    return spawnSync("tar", args, { encoding: "utf8" }).stdout;
  }

  async function servesTheDashboard(program: readonly [string, ...string[]]): Promise<boolean> {
    const server = await startServer({ program });
    try {
      return (await fetch(`${server.httpUrl}/dashboard/`)).ok;
    } finally {
      await server.remove();
    }
  }

  test("the compiled file runs without Node and without npm", () => {
    const { code, output } = run(join(root, "server/dist/soketify"), ["--version"]);
    expect(code).toBe(0);
    expect(output).toMatch(versionWithCommit);
  });

  test("the compiled file starts, is ready and serves the dashboard", async () => {
    expect(await servesTheDashboard([join(root, "server/dist/soketify")])).toBe(true);
  });

  test("the packed package contains the launcher, one bundle and the dashboard, and is small", () => {
    const archive = packedArchive();
    const names = tar(["-tzf", archive]).trim().split("\n");
    const others = names.filter((name) => !/^package\/dist\/dashboard\/(assets\/)?[\w.-]+$/.test(name));
    expect(others.toSorted()).toEqual([
      "package/LICENSE",
      "package/README.md",
      "package/bin/soketify.js",
      "package/dist/main.js",
      "package/package.json",
    ]);
    expect(statSync(archive).size).toBeLessThan(packageBytesMax);
    // A reader of the package has no checkout: neither its scripts nor its files.
    const readme = tar(["-xOf", archive, "package/README.md"]);
    expect(readme).toContain("npx soketify ");
    expect(readme).not.toMatch(/npm (ci|start)|\]\((?!https:)/);
  });

  test.each([
    ["in an empty folder", [], "node_modules", "node_modules/.bin/soketify"],
    ["for all users under a prefix", ["--global"], "lib/node_modules/soketify/node_modules", "bin/soketify"],
  ])(
    "the packed package, installed %s, installs only Bun and serves the dashboard",
    async (_, flags, dependencies, bin) => {
      const folder = mkdtempSync(join(home, "installed-"));
      npm(["install", ...quietly, ...flags, "--prefix", folder, packedArchive()], folder);
      const installed = readdirSync(join(folder, dependencies)).filter((name) => /^[^.]/.test(name));
      expect(installed.filter((name) => name !== "soketify").toSorted()).toEqual(["@oven", "bun"]);
      const program = join(folder, bin);
      for (const name of ["LICENSE", "README.md"])
        expect(existsSync(join(realpathSync(program), "../..", name))).toBe(true);

      const { code, output } = run(program, ["--version"]);
      expect(code).toBe(0);
      expect(output).toMatch(versionWithCommit);
      expect(await servesTheDashboard([program])).toBe(true);
    },
  );
});
