/** Checks of `npm run release`: each artifact is for its platform, the checksums are right, and the program for this machine runs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Checks, run } from "./tools.ts";

/** The output of `file` for a program, by the end of its name. */
const platforms: Readonly<Record<string, RegExp>> = {
  "linux-x64": /ELF 64-bit LSB executable, x86-64/,
  "linux-arm64": /ELF 64-bit LSB executable, ARM aarch64/,
  "darwin-x64": /Mach-O 64-bit x86_64 executable/,
  "darwin-arm64": /Mach-O 64-bit arm64 executable/,
  "windows-x64.exe": /PE32\+ executable .*x86-64/,
};

export const releaseChecks: Checks = {
  "release: one artifact for each platform, with checksums and notes": () => {
    const folder = mkdtempSync(join(tmpdir(), "soketify-release-"));
    try {
      run("npm", ["run", "release", "--", "--out", folder]);
      run("sh", ["-c", `cd ${folder} && sha256sum --check --quiet SHA256SUMS`]);
      const names = readdirSync(folder);
      for (const start of ["soketify-admin-", "soketify-recovery-"])
        if (!names.some((name) => name.startsWith(start))) throw new Error(`there is no package ${start}…`);
      for (const [platform, kind] of Object.entries(platforms)) {
        const name = names.find((other) => other.endsWith(platform));
        if (name === undefined)
          throw new Error(`there is no program for ${platform} among ${names.join(", ")}`);
        const described = run("file", ["--brief", join(folder, name)]);
        if (!kind.test(described)) throw new Error(`${name} is ${described}`);
      }
      const sums = readFileSync(join(folder, "SHA256SUMS"), "utf8").trim().split("\n");
      const packages = names.filter((name) => name.endsWith(".tgz"));
      const expected = Object.keys(platforms).length + packages.length;
      if (sums.length !== expected)
        throw new Error(`SHA256SUMS has ${sums.length} lines; expected ${expected}`);
      if (readFileSync(join(folder, "NOTES.md"), "utf8").length < 20) throw new Error("NOTES.md is empty");
      checkThatItRuns(folder, names);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function checkThatItRuns(folder: string, names: readonly string[]): void {
  const program = names.find((name) => name.endsWith(`${process.platform}-${process.arch}`));
  if (program === undefined) throw new Error(`no program is for ${process.platform}-${process.arch}`);
  const line = run(join(folder, program), ["--version"]);
  if (!/^\d+\.\d+\.\d+ \(commit \w+, Bun /.test(line)) throw new Error(`--version printed ${line}`);
}
