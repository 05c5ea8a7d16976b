/**
 * `npm test`: installs the programs that tests start, builds, and runs every test file, several files at a time. Tests
 * start the single binary, because its bytecode saves most of the processor time of a start.
 * Uses only Node, because it runs before Bun is installed.
 *
 * `npm test -- PATH… [-t NAME]` runs only these files or folders, and only the tests whose names match.
 * `npm test -- --update-timings` also saves how long each file took. Later runs start the slowest files first.
 * The last line shows how many tests passed and failed.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPrograms } from "./install-programs.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const suites = ["server/src", "server/test", "dashboard", "packages", "examples", "bench", "scripts"];
/** Longer than any wait inside a test, so that the wait fails first with its own message. */
const testTimeoutMs = 240_000;
/** Most test files spend most time waiting for a server or a browser, so more files than cores keep the cores busy. */
const filesAtOnce = 6;
const timingsFile = join("scripts", "test-timings.json");
/** Every process that a test starts inherits this variable. After the run none may be alive. The name has no SOKETIFY_ prefix, because the server reads those variables. */
const runVariable = "TEST_RUN_ID";
/** The time for browsers to end. A browser ends when it notices that its test process has ended. */
const endGraceMs = 5_000;
/** Names the program that tests start. If a file runs with `bun test`, it is not set, and tests start the sources. */
const binaryVariable = "TEST_BINARY";
/** Names a folder that all test files of a run share. It contains the initial data of database servers and the files of browsers. */
const folderVariable = "TEST_RUN_FOLDER";
/**
 * On cores that are all busy, the last stage of optimization costs more than it saves, and parallel garbage collection keeps
 * threads spinning. `program.ts` has more options, for programs that live for seconds.
 */
const runtimeOptions = { BUN_JSC_useFTLJIT: "0", BUN_JSC_numberOfGCMarkers: "1" };

/** The programs that tests start, and the Debian package of each. */
const programs = [
  { program: "chromium-headless-shell", debianPackage: "chromium-headless-shell" },
  { program: "/usr/lib/postgresql", debianPackage: "postgresql" },
  { program: "mariadbd", debianPackage: "mariadb-server" },
  { program: "nginx", debianPackage: "nginx-light" },
  { program: "haproxy", debianPackage: "haproxy" },
  { program: "caddy", debianPackage: "caddy" },
  { program: "curl", debianPackage: "curl" },
  { program: "openssl", debianPackage: "openssl" },
  { program: "sqlite3", debianPackage: "sqlite3" },
  { program: "php", debianPackage: "php-cli" },
  { program: "prometheus", debianPackage: "prometheus" },
  { program: "redis-server", debianPackage: "redis-server" },
];

installPrograms(programs);
build();
const folder = mkdtempSync(join(tmpdir(), "soketify-tests-"));
const runId = randomUUID();
const totals = await runTests(process.argv.slice(2));
for (const { pid, command } of await leftProcessesOf(runId)) {
  process.stdout.write(`Still running after the tests: ${pid} ${command}\n`);
  process.kill(pid, "SIGKILL");
  totals.failed += 1;
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`\n${totals.passed} tests passed, ${totals.failed} failed\n`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

function build() {
  for (const script of ["build", "build:binary"]) {
    const { status } = spawnSync("npm", ["run", script], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status === 0) continue;
    process.stdout.write(`\n0 tests passed, 1 failed: npm run ${script}\n`);
    process.exit(1);
  }
}

/**
 * Runs Bun's test runner once over all files.
 *
 * @param {string[]} words paths and flags of the command line
 * @returns {Promise<{ passed: number, failed: number }>} a run that ends with an error and no failed test counts as one failure
 */
async function runTests(words) {
  const bun = join(root, "node_modules", ".bin", "bun");
  const report = join(folder, "report.xml");
  const paths = words.some((word) => existsSync(join(root, word))) ? [] : suites.map((suite) => `./${suite}`);
  const args = [
    "test",
    `--parallel=${filesAtOnce}`,
    `--timeout=${testTimeoutMs}`,
    "--only-failures",
    // A process loads a module once for all files that it runs, such as playwright-core, which takes 0.6 s.
    "--no-isolate",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    `--timings=${timingsFile}`,
    ...paths,
    ...words.map((word) => (existsSync(join(root, word)) ? `./${word}` : word)),
  ];
  const binary = join(root, "server", "dist", "soketify");
  const shared = join(folder, "shared");
  mkdirSync(shared);
  const variables = { [runVariable]: runId, [binaryVariable]: binary, [folderVariable]: shared };
  const env = { ...process.env, ...runtimeOptions, ...variables };
  const child = spawn(bun, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const counts = readCounts(report);
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Reads the totals of a JUnit report: the attributes of its root element. */
function readCounts(report) {
  if (!existsSync(report)) return { passed: 0, failed: 0 };
  const rootElement = /<testsuites\b[^>]*>/.exec(readFileSync(report, "utf8"))?.[0] ?? "";
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(rootElement)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed - count("skipped"), failed };
}

/** The processes of the run that are still alive after the time for browsers to end. */
async function leftProcessesOf(run) {
  const deadline = Date.now() + endGraceMs;
  for (;;) {
    const left = processesOf(run);
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The live processes that a run started, read from /proc on Linux; empty on other systems. */
function processesOf(run) {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!readFileSync(`/proc/${name}/environ`, "utf8").includes(`${runVariable}=${run}`)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command === "" ? [] : [{ pid: Number(name), command }];
    } catch {
      return []; // the process ended while it was read
    }
  });
}
