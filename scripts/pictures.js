/**
 * `npm run pictures`: takes the pictures of docs/screenshots and the film of the README again, from a new build. Tests of the dashboard take
 * them while they check the pages. Uses only Node, because it runs before Bun is installed.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPrograms } from "./install-programs.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const files = ["pages-narrow", "pages-wide", "history", "film"].map(
  (name) => `./dashboard/test/${name}.test.ts`,
);

installPrograms([
  { program: "chromium-headless-shell", debianPackage: "chromium-headless-shell" },
  { program: "ffmpeg", debianPackage: "ffmpeg" },
]);
run("npm", ["run", "build"]);
run(join(root, "node_modules", ".bin", "bun"), ["test", "--timeout=240000", ...files]);

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  const env = { ...process.env, SCREENSHOTS: "1" };
  const { status } = spawnSync(program, args, { cwd: root, env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
