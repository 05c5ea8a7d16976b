/** Installs Debian packages that a load requires. */

/** Does nothing unless run as root on Debian; on other systems the user must install them. */
export function installPackages(...names: readonly string[]): void {
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const words of [
    ["update", "-q"],
    ["install", "-q", "-y", "--no-install-recommends", ...names],
  ])
    Bun.spawnSync(["apt-get", ...words], { env, stdout: "ignore", stderr: "inherit" });
}
