/**
 * `npm run release -- --out FOLDER [--targets linux-x64,darwin-arm64]`: creates all files of a release:
 * the npm packages, one program for each platform, `SHA256SUMS` over them, and `NOTES.md` with the version's section
 * of CHANGELOG.md. Without --targets it makes all platforms. It publishes nothing.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../server/package.json";
import { changelogSection } from "./release/changelog-section.ts";

const root = join(import.meta.dir, "..");
const targets = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "windows-x64"] as const;

const { values } = parseArgs({ options: { out: { type: "string" }, targets: { type: "string" } } });
if (values.out === undefined) fail("Name the folder for the artifacts: npm run release -- --out FOLDER");
const out = resolve(values.out);
const wanted = values.targets?.split(",") ?? [...targets];
const unknown = wanted.filter((name) => !targets.some((target) => target === name));
if (unknown.length > 0) fail(`Unknown target ${unknown.join(", ")}. Known are ${targets.join(", ")}.`);
mkdirSync(out, { recursive: true });
if (readdirSync(out).length > 0)
  fail(`${out} is not empty. Give a new folder, so that old artifacts are not shipped.`);

writeFileSync(
  join(out, "NOTES.md"),
  changelogSection(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version),
);
const packages = ["server", "packages/admin", "packages/recovery"].flatMap((name) => ["--workspace", name]);
run("npm", ["pack", ...packages, "--pack-destination", out]);
for (const target of wanted) {
  const suffix = target.startsWith("windows") ? ".exe" : "";
  const file = join(out, `soketify-${version}-${target}${suffix}`);
  run("node", ["scripts/build-server.js", "--binary", file, "--target", `bun-${target}`]);
}
const artifacts = readdirSync(out)
  .filter((name) => name !== "NOTES.md")
  .sort();
writeFileSync(
  join(out, "SHA256SUMS"),
  artifacts.map((name) => `${sha256(join(out, name))}  ${name}\n`).join(""),
);
process.stdout.write(`${artifacts.join("\n")}\nin ${out}\n`);

function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) fail(`${program} ${args.join(" ")} failed`);
}

function sha256(file: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(file)).digest("hex");
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
