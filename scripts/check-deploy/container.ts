/**
 * Executes the Dockerfile without a container engine, as far as this machine allows: the build's steps in a copy of the
 * sources, and the last stage in a root folder with the Debian packages of its base image. The server then runs there as the
 * image's user, with the image's entry point, and its health check must succeed.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "../../server/test/support/net/free-port.ts";
import { type Checks, root, run } from "./tools.ts";

interface Step {
  readonly word: string;
  readonly text: string;
}

interface Stage {
  readonly image: string;
  readonly steps: readonly Step[];
}

interface Image {
  readonly rootFolder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly health: readonly string[];
}

/** The packages of gcr.io/distroless/base-nossl-debian12. */
const basePackages = ["base-files", "netbase", "tzdata", "ca-certificates", "libc6"];
/** The user of its tag `nonroot`. */
const nonroot = 65_532;
const bytesMax = 150_000_000;
const startedWithinMs = 30_000;

export const containerChecks: Checks = {
  "Dockerfile: its steps make an image in which the server answers the health check": async () => {
    const folder = mkdtempSync(join(tmpdir(), "soketify-image-"));
    try {
      const [build, last] = parse(readFileSync(join(root, "Dockerfile"), "utf8"));
      if (build === undefined || last === undefined) throw new Error("the Dockerfile must have two stages");
      const built = runBuild(build, join(folder, "build"));
      const image = assemble(last, built, join(folder, "root"));
      checkSize(image.rootFolder);
      await checkServer(image);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function parse(text: string): Stage[] {
  const lines = text
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .trim()
    .split("\n");
  const stages: { image: string; steps: Step[] }[] = [];
  for (const line of lines.filter((one) => one !== "")) {
    const [, word = "", rest = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (word === "FROM") stages.push({ image: rest.split(" ")[0] ?? "", steps: [] });
    else stages.at(-1)?.steps.push({ word, text: rest });
  }
  return stages;
}

/** Runs the steps in the folder instead of WORKDIR. Returns the folder. */
function runBuild({ image, steps }: Stage, folder: string): string {
  const [, major] = /^node:(\d+)/.exec(image) ?? [];
  if (major === undefined) throw new Error(`the build stage must use an image of Node, not ${image}`);
  mkdirSync(folder);
  for (const { word, text } of steps) {
    if (word === "COPY") copySources(folder);
    else if (word === "RUN")
      run("sh", ["-c", `cd ${folder} && ${text}`], { BUILD_COMMIT: "0123456789abcdef" });
    else if (word !== "ARG" && word !== "WORKDIR")
      throw new Error(`the check does not support ${word} ${text}`);
  }
  return folder;
}

/** Copies the same files as `COPY . .`: .dockerignore excludes the history and the files that git ignores. */
function copySources(folder: string): void {
  const list = "git ls-files --cached --others --exclude-standard -z";
  run("sh", ["-c", `${list} | xargs -0 ls -d 2>/dev/null | tar -c -T - | tar -x -C ${folder}`]);
}

function assemble({ image, steps }: Stage, built: string, rootFolder: string): Image {
  if (image !== "gcr.io/distroless/base-nossl-debian12:nonroot")
    throw new Error(
      `the check has the packages of another base image, not of ${image}: change both together`,
    );
  unpackBase(rootFolder);
  const env: Record<string, string> = { PATH: "/usr/local/bin:/usr/bin" };
  const lists = { ENTRYPOINT: [] as string[], CMD: [] as string[], HEALTHCHECK: [] as string[] };
  for (const { word, text } of steps) {
    if (word === "ENV")
      for (const [, key = "", value = ""] of text.matchAll(/(\w+)=(\S+)/g)) env[key] = value;
    else if (word === "COPY") copy(text, built, rootFolder);
    else if (word === "ENTRYPOINT" || word === "CMD") lists[word] = JSON.parse(text);
    else if (word === "HEALTHCHECK") lists.HEALTHCHECK = JSON.parse(text.slice(text.indexOf("[")));
    else if (word !== "VOLUME" && word !== "EXPOSE")
      throw new Error(`the check does not support ${word} ${text}`);
  }
  return { rootFolder, env, entryPoint: lists.ENTRYPOINT, command: lists.CMD, health: lists.HEALTHCHECK };
}

function unpackBase(rootFolder: string): void {
  const packages = `${rootFolder}-packages`;
  for (const folder of [rootFolder, packages]) mkdirSync(folder);
  const download = `apt-get download -qq ${basePackages.join(" ")}`;
  // The machine's list of packages may be outdated.
  run("sh", ["-c", `cd ${packages} && { ${download} || { apt-get update -qq && ${download}; }; }`]);
  run("sh", ["-c", `for file in ${packages}/*.deb; do dpkg-deb -x $file ${rootFolder} || exit 1; done`]);
  writeFileSync(
    join(rootFolder, "etc/passwd"),
    `nonroot:x:${nonroot}:${nonroot}::/home/nonroot:/sbin/nologin\n`,
  );
  mkdirSync(join(rootFolder, "tmp"), { recursive: true, mode: 0o1777 });
}

/** `--from=build [--chown=nonroot:nonroot] /build/from /to` */
function copy(text: string, built: string, rootFolder: string): void {
  const [from = "", to = ""] = text.split(" ").filter((part) => !part.startsWith("--"));
  const target = join(rootFolder, to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(from.replace(/^\/build/, built), target, { recursive: true });
  if (text.includes("--chown=nonroot:nonroot")) chownSync(target, nonroot, nonroot);
}

function checkSize(rootFolder: string): void {
  const bytes = Number(run("du", ["-sb", rootFolder]).split("\t")[0]);
  if (bytes > bytesMax) throw new Error(`the image has ${bytes} bytes; at most ${bytesMax} are allowed`);
}

async function checkServer(image: Image): Promise<void> {
  const env = { ...image.env, SOKETIFY_PORT: String(await freePort()), SOKETIFY_HOST: "127.0.0.1" };
  const quick = { SOKETIFY_DRAIN_GRACE_MS: "0", SOKETIFY_DRAIN_MS: "0" };
  const [program = "", ...args] = inside(image.rootFolder, [...image.entryPoint, ...image.command]);
  const server = spawn(program, args, { env: { ...env, ...quick }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const ended = once(server, "exit");
  try {
    await untilHealthy(image, env, () => server.exitCode !== null);
    const { uid } = statSync(join(image.rootFolder, "data/soketify.db"));
    if (uid !== nonroot) throw new Error(`the database belongs to user ${uid}, not to ${nonroot}`);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${output}`);
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
  if (server.exitCode !== 0) throw new Error(`the server ended with ${server.exitCode}\n${output}`);
}

async function untilHealthy(
  image: Image,
  env: Readonly<Record<string, string>>,
  hasEnded: () => boolean,
): Promise<void> {
  const [program = "", ...args] = inside(image.rootFolder, image.health);
  const untilMs = Date.now() + startedWithinMs;
  for (;;) {
    const { status, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
    if (status === 0) return;
    if (hasEnded() || Date.now() > untilMs) throw new Error(`the health check failed: ${stderr}`);
    await Bun.sleep(100);
  }
}

/** Wraps a command to run in the root folder as the image's user. It mounts /proc for this command only, because Bun finds its own program there. */
function inside(rootFolder: string, command: readonly string[]): string[] {
  mkdirSync(join(rootFolder, "proc"), { recursive: true });
  const words = command.map((word) => `'${word}'`).join(" ");
  const enter = `exec chroot --userspec=${nonroot}:${nonroot} ${rootFolder} ${words}`;
  return [
    "/usr/bin/unshare",
    "--mount",
    "--propagation",
    "private",
    "/bin/sh",
    "-c",
    `PATH=$PATH:/usr/sbin; mount -t proc proc ${rootFolder}/proc && ${enter}`,
  ];
}
