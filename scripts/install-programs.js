/** Installs Debian packages whose programs are missing. It uses only Node, because it runs before Bun is installed. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Installs missing packages as root on Debian. On other systems it prints what to install, and the caller then fails.
 *
 * @param {readonly { program: string, debianPackage: string }[]} programs each a name on the PATH, or an absolute path
 */
export function installPrograms(programs) {
  const missing = programs
    .filter(({ program }) => !isInstalled(program))
    .map(({ debianPackage }) => debianPackage);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isInstalled("apt-get")) {
    process.stderr.write(`These packages are needed and not installed: ${missing.join(", ")}\n`);
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { stdio: ["ignore", "ignore", "inherit"], env };
  spawnSync("apt-get", ["update", "-q"], options);
  spawnSync("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...missing], options);
}

function isInstalled(program) {
  if (program.startsWith("/")) return existsSync(program);
  return [...(process.env.PATH ?? "").split(":"), "/usr/sbin"].some((folder) =>
    existsSync(join(folder, program)),
  );
}
