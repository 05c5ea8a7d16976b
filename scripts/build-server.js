/**
 * Builds the server from `server/src`. The result contains the commit of the sources, which `soketify --version` prints.
 * Without arguments: the bundle that npm ships, server/dist/main.js.
 * `--binary FILE [--target bun-linux-arm64]`: one program with Bun and the dashboard in it. Bun downloads the runtime
 * of another platform from the npm registry.
 *
 * Identifiers keep their names, so that a stack trace can be read without a source map.
 */
import { spawnSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values } = parseArgs({ options: { binary: { type: "string" }, target: { type: "string" } } });
const shared = [
  "--minify-syntax",
  "--minify-whitespace",
  "--define",
  `BUILD_COMMIT=${JSON.stringify(commit())}`,
];
const form =
  values.binary === undefined
    ? ["src/main.ts", "--target=bun", "--outdir=dist"]
    : ["dist/binary.ts", "--compile", "--asset-naming=[name].[ext]", `--outfile=${resolve(values.binary)}`];
// Bytecode saves half the processor time of a short command. Only the runtime that runs it can create it, so there is none for other platforms.
const bytecode = values.binary === undefined ? [] : ["--bytecode", "--format=esm"];
const target = values.target === undefined ? bytecode : [`--target=${values.target}`];
const { status } = spawnSync("bun", ["build", ...form, ...target, ...shared], {
  cwd: join(root, "server"),
  stdio: "inherit",
});
process.exitCode = status ?? 1;

/** @returns {string} the short hash; BUILD_COMMIT where the sources came without their history, as in a container */
function commit() {
  if (process.env.BUILD_COMMIT) return process.env.BUILD_COMMIT.slice(0, 12);
  const { status, stdout } = spawnSync("git", ["rev-parse", "--short=12", "HEAD"], {
    cwd: root,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : "unknown";
}
