#!/usr/bin/env node
/**
 * Starts Soketify with the Bun that npm installed beside it, so that the machine needs only Node.
 * If Node can replace its process with a program (22.15 or later), this process becomes the server. Otherwise the server
 * is a child process, and this process forwards signals and the exit code.
 */
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const nodeMajorMin = 20;
/** If install scripts did not run, npm's package `bun` contains a text of some hundred bytes instead of the program. */
const programBytesMin = 1_000_000;
/** Each check wakes this process, so more frequent ones would be most of the processor time of an idle server. */
const shellCheckedEveryMs = 1_000;

if (Number.parseInt(process.versions.node, 10) < nodeMajorMin) {
  fail(`Soketify needs Node ${nodeMajorMin} or later; this is Node ${process.versions.node}.`);
}
const bun = findBun();
if (bun === null) {
  fail(
    `Soketify found no Bun for ${process.platform}-${process.arch}. It is an optional dependency: install again ` +
      "without --omit=optional, or use a platform that Bun supports (Linux, macOS or Windows on x64 or arm64).",
  );
}
run(bun);

/** @returns {string | null} the path of the program */
function findBun() {
  const require = createRequire(import.meta.url);
  const home = packageFolder(require, "bun");
  if (home === null) return null;
  const nearBun = createRequire(join(home, "package.json"));
  const candidates = platformPackages().flatMap((name) => {
    const folder = packageFolder(nearBun, name);
    return folder === null ? [] : [join(folder, "bin", "bun"), join(folder, "bin", "bun.exe")];
  });
  return [...candidates, join(home, "bin", "bun.exe")].find(isProgram) ?? null;
}

/** @returns {string[]} the names of Bun's package for this platform, the likelier one first */
function platformPackages() {
  const name = `@oven/bun-${process.platform === "win32" ? "windows" : process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
  if (process.platform !== "linux") return [name];
  const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime);
  return isGlibc ? [name, `${name}-musl`] : [`${name}-musl`, name];
}

/** @returns {string | null} */
function packageFolder(require, name) {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return null; // Not installed. Another candidate may be installed.
  }
}

function isProgram(path) {
  return existsSync(path) && statSync(path).size > programBytesMin;
}

function run(program) {
  const home = join(dirname(fileURLToPath(import.meta.url)), "..");
  const source = join(home, "src", "main.ts");
  const args = [existsSync(source) ? source : join(home, "dist", "main.js"), ...process.argv.slice(2)];
  // A parent process that opened an IPC channel still needs it.
  if (typeof process.execve === "function" && process.platform !== "win32" && !process.connected)
    process.execve(program, [program, ...args], process.env);
  else runAsChild(program, args);
}

function runAsChild(program, args) {
  // The child detects the end of this process by the closed channel, even after SIGKILL.
  const child = spawn(program, args, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  child.on("error", (error) => fail(`Soketify could not run ${program}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
  // A terminal signals the whole process group, so the child may receive a signal twice. It handles both as one.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"])
    process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event !== undefined) stopWithShell(() => child.kill("SIGTERM"));
}

/** npm sends a signal only to its shell, and the shell does not forward it. src/main.ts does the same without a launcher. */
function stopWithShell(stop) {
  const shell = process.ppid;
  const checking = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(checking);
    stop();
  }, shellCheckedEveryMs);
}

/** @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
