#!/usr/bin/env node
/**
 * Starts Soketify on the Bun that npm installed beside it, so that nothing but Node need be on the machine.
 * Where Node can replace itself by a program (22.15 or later), this process becomes the server. Elsewhere the server is
 * its child, and what follows makes the two look like one.
 */
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const nodeMajorMin = 20;
/** Where install scripts did not run, npm's `bun` holds a text of some hundred bytes in the program's place. */
const programBytesMin = 1_000_000;

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
    return null; // not installed: another candidate may be
  }
}

function isProgram(path) {
  return existsSync(path) && statSync(path).size > programBytesMin;
}

function run(program) {
  const home = join(dirname(fileURLToPath(import.meta.url)), "..");
  const source = join(home, "src", "main.ts");
  const args = [existsSync(source) ? source : join(home, "dist", "main.js"), ...process.argv.slice(2)];
  // Whoever started this one with a channel expects to keep it.
  if (typeof process.execve === "function" && process.platform !== "win32" && !process.connected)
    process.execve(program, [program, ...args], process.env);
  else runAsChild(program, args);
}

function runAsChild(program, args) {
  // The channel tells the child when this process is gone, however it went.
  const child = spawn(program, args, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  child.on("error", (error) => fail(`Soketify could not run ${program}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
  // A terminal signals the whole group, so the child may hear a signal twice. It takes both for one.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"])
    process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event !== undefined) stopWithShell(() => child.kill("SIGTERM"));
}

/** npm tells only its shell to stop, and a shell tells nobody. src/main.ts does the same for the other way to run. */
function stopWithShell(stop) {
  const shell = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(looking);
    stop();
  }, 250);
}

/** @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
