/**
 * `npm run faults -- [--quick | --long] [NAME…]`: runs the fault programs one after another, each in its own process, and
 * the server's fault tests. Prints one verdict per line at the end. Exits 1 if one fails.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { allFaults } from "./all-faults.ts";
import { type Extent, extentOf } from "./fault.ts";

const root = join(import.meta.dir, "../..");
const testFolder = join(root, "server/test/faults");
const testSuffix = ".test.ts";
/** How many random frames and requests the fuzz sends. */
const fuzzRuns = { quick: 60, short: 1000, long: 20_000 } satisfies Record<Extent, number>;
const testTimeoutMs = 3_600_000;

/** This test file runs the quick forms of the programs in this folder. */
const testNames = readdirSync(testFolder)
  .filter((file) => file.endsWith(testSuffix) && !file.startsWith("load-faults"))
  .map((file) => basename(file, testSuffix));
const known = [...Object.keys(allFaults), ...testNames];

const words = process.argv.slice(2);
const extent = extentOf(words);
const asked = words.filter((word) => !word.startsWith("--"));
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no fault named ${unknown.join(" or ")}. Choose from: ${known.join(" ")}`);
  process.exit(2);
}

const verdicts: string[] = [];
let areAllWell = true;
for (const name of asked.length > 0 ? asked : known) {
  const began = performance.now();
  const isWell = await run(name);
  areAllWell &&= isWell;
  const seconds = Math.round((performance.now() - began) / 1000);
  verdicts.push(`${isWell ? "passed" : "FAILED"}  ${name.padEnd(20)} ${String(seconds).padStart(5)} s`);
}
console.log(`\n${verdicts.join("\n")}`);
process.exit(areAllWell ? 0 : 1);

async function run(name: string): Promise<boolean> {
  const command =
    name in allFaults
      ? [join(import.meta.dir, `${name}.ts`), `--${extent}`]
      : ["test", "--timeout", String(testTimeoutMs), join(testFolder, `${name}${testSuffix}`)];
  const child = Bun.spawn([process.execPath, ...command], {
    cwd: root,
    env: { ...process.env, FUZZ_RUNS: String(fuzzRuns[extent]) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return (await child.exited) === 0;
}
