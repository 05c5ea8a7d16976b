/** Builds the dashboard if it is missing or older than its sources. Runs before `npm start` and before every build of the server. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = join(dirname(fileURLToPath(import.meta.url)), "..", "dashboard");
const page = join(home, "dist", "index.html");

if (!isFresh()) {
  process.stdout.write("Building the dashboard…\n");
  const { status } = spawnSync("npm", ["run", "--silent", "build"], { cwd: home, stdio: "inherit" });
  process.exitCode = status ?? 1;
}

function isFresh() {
  if (!existsSync(page)) return false;
  const builtAtMs = statSync(page).mtimeMs;
  const sources = ["src", "../packages/admin/src"].flatMap((folder) =>
    readdirSync(join(home, folder), { recursive: true }).map((path) => join(folder, path)),
  );
  return ["package.json", "index.html", "vite.config.ts", ...sources].every(
    (path) => statSync(join(home, path)).mtimeMs <= builtAtMs,
  );
}
