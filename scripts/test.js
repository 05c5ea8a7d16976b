/**
 * `npm test`: every test of every workspace, in plain Node so that it runs before anything else is there.
 * `npm test -- PATH…` runs only what lies there. Ends with one line: how many passed, how many failed.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const suites = ["server/src", "server/test", "dashboard", "examples", "bench", "scripts"];
/** Longer than any test waits for a thing, so that its own message is the one that is seen. */
const testTimeoutMs = 120_000;

/** Debian packages that tests start, and the program that shows each is there. */
const programs = [
  { program: "chromium", debianPackage: "chromium" },
  { program: "/usr/lib/postgresql", debianPackage: "postgresql" },
  { program: "mariadbd", debianPackage: "mariadb-server" },
  { program: "nginx", debianPackage: "nginx-light" },
];

installPrograms();
build();
const asked = process.argv.slice(2);
const totals = { passed: 0, failed: 0 };
for (const suite of asked.length > 0 ? asked : suites) {
  if (existsSync(join(root, suite))) await runSuite(suite);
}
process.stdout.write(`\n${totals.passed} tests passed, ${totals.failed} failed\n`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

/** As root on Debian; elsewhere it says what to install, and the tests that need it fail. */
function installPrograms() {
  const missing = programs
    .filter(({ program }) => !isThere(program))
    .map(({ debianPackage }) => debianPackage);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isThere("apt-get")) {
    process.stderr.write(`Some tests need these packages, which are not installed: ${missing.join(", ")}\n`);
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { stdio: ["ignore", "ignore", "inherit"], env };
  spawnSync("apt-get", ["update", "-q"], options);
  spawnSync("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...missing], options);
}

function isThere(program) {
  if (program.startsWith("/")) return existsSync(program);
  return [...(process.env.PATH ?? "").split(":"), "/usr/sbin"].some((folder) =>
    existsSync(join(folder, program)),
  );
}

function build() {
  const { status } = spawnSync("npm", ["run", "build"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status === 0) return;
  process.stdout.write("\n0 tests passed, 1 failed: the build\n");
  process.exit(1);
}

/** One process a suite. A suite that dies without its counts is one failure. */
function runSuite(suite) {
  process.stdout.write(`\n== ${suite}\n`);
  const bun = join(root, "node_modules", ".bin", "bun");
  const args = ["test", `--timeout=${testTimeoutMs}`, "--only-failures", `./${suite}`];
  const child = spawn(bun, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      process.stdout.write(chunk);
      tail = (tail + chunk).slice(-4_000);
    });
  }
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const failed = countOf(tail, "fail") + countOf(tail, "error");
      totals.passed += countOf(tail, "pass");
      totals.failed += failed;
      // Bun says so and ends with 1 where a folder holds no tests; that is no failure.
      if (code !== 0 && failed === 0 && !tail.includes("did not match any test files")) totals.failed += 1;
      resolve();
    });
  });
}

/** Bun's summary holds lines such as ` 26 pass`. */
function countOf(output, word) {
  const last = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}s?$`, "gm"))].at(-1);
  return Number(last?.[1] ?? 0);
}
