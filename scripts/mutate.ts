/**
 * Runs the unit tests against mutants of protocol/, core/ and actions/. A mutant that survives must be killed by a new
 * test or explained in mutation-survivors.txt.
 * `bun scripts/mutate.ts [--all] [--seed N] [--count N] [--only TEXT]`: without --all a sample of N, the same for the same seed and sources.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type Mutant, mutantsOf, nameOf } from "./mutants.ts";

const root = dirname(import.meta.dir);
const areas = ["protocol", "core", "actions"].map((name) => `server/src/${name}`);
/** Folders whose unit tests use the three folders. They run only for a mutant that the folder's own tests did not kill. */
const neighbours = ["pusher-api", "management", "cluster", "metrics", "webhooks"].map(
  (name) => `server/src/${name}`,
);
const survivorsFile = join(import.meta.dir, "mutation-survivors.txt");
/** Stop the tests of a mutant that loops endlessly. A mutant whose tests are stopped counts as killed, so both are long. */
const ownTestMsMax = 30_000;
const folderTestsMsMax = 300_000;

const { values: flags } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "60" },
    only: { type: "string", default: "" },
  },
});

/** A copy of the files that the tests need. One file at a time is replaced by a mutant. */
class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), "mutants-"));
  #run: Bun.Subprocess | null = null;

  constructor() {
    for (const name of ["src", "test", "package.json"]) {
      cpSync(join(root, "server", name), join(this.#folder, "server", name), { recursive: true });
    }
    for (const name of ["package.json", "tsconfig.json", "tsconfig.base.json"]) {
      cpSync(join(root, name), join(this.#folder, name));
    }
    for (const name of ["node_modules", "server/node_modules"]) {
      if (existsSync(join(root, name))) symlinkSync(join(root, name), join(this.#folder, name));
    }
  }

  /**
   * Returns whether all tests pass under the mutant. The test of the mutated file runs first, then its folder, because
   * most mutants fail there.
   */
  async survives(mutant: Mutant): Promise<boolean> {
    const path = join(this.#folder, mutant.path);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, source.slice(0, mutant.start) + mutant.replacement + source.slice(mutant.end));
    try {
      const test = mutant.path.replace(/\.ts$/, ".test.ts");
      if (existsSync(join(root, test)) && !(await this.#passes([test], ownTestMsMax))) return false;
      const own = areas.filter((area) => mutant.path.startsWith(area));
      const others = areas.filter((area) => !own.includes(area));
      for (const tests of [own, others, neighbours]) if (!(await this.#passes(tests))) return false;
      return true;
    } finally {
      writeFileSync(path, source);
    }
  }

  async #passes(tests: readonly string[], msMax = folderTestsMsMax): Promise<boolean> {
    const command = [
      process.execPath,
      "test",
      "--bail",
      "--timeout=10000",
      ...tests.map((test) => `./${test}`),
    ];
    const run = Bun.spawn(command, { cwd: this.#folder, stdout: "ignore", stderr: "ignore" });
    this.#run = run;
    const late = setTimeout(() => run.kill("SIGKILL"), msMax);
    const code = await run.exited;
    clearTimeout(late);
    return code === 0;
  }

  async mustPassWhole(): Promise<void> {
    if (!(await this.#passes([...areas, ...neighbours])))
      throw new Error("The unit tests fail without a mutant: fix them first");
  }

  remove(): void {
    this.#run?.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true });
  }
}

function allMutants(): Mutant[] {
  const paths = areas.flatMap((area) =>
    readdirSync(join(root, area), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
      .map((path) => `${area}/${path}`),
  );
  return paths.flatMap((path) => mutantsOf(path, readFileSync(join(root, path), "utf8")));
}

/** Shuffles by seed. The order of the other mutants stays the same when some lines change. */
function shuffled(mutants: readonly Mutant[], seed: string): Mutant[] {
  const keyed = mutants.map((mutant) => ({ mutant, key: Bun.hash(`${seed} ${nameOf(mutant)}`) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ mutant }) => mutant);
}

/** The explained mutants. Each line of the file: the mutant's name, a bar, and why no test can or must kill it. */
function readExplained(): Set<string> {
  const lines = readFileSync(survivorsFile, "utf8").split("\n");
  const entries = lines.filter((line) => line !== "" && !line.startsWith("#"));
  for (const entry of entries) {
    if (entry.split(" | ").length < 4) throw new Error(`No reason in ${basename(survivorsFile)}: ${entry}`);
  }
  return new Set(entries.map((entry) => entry.split(" | ").slice(0, 3).join(" | ")));
}

/** An entry without a mutant could hide a later mutant of the same name. */
function mustAllExist(explained: ReadonlySet<string>, mutants: readonly Mutant[]): void {
  const names = new Set(mutants.map(nameOf));
  const gone = [...explained].filter((name) => !names.has(name));
  if (gone.length > 0)
    throw new Error(
      `Remove from ${basename(survivorsFile)}, because there is no such mutant: ${gone.join("; ")}`,
    );
}

async function main(): Promise<void> {
  const explained = readExplained();
  const mutants = allMutants();
  mustAllExist(explained, mutants);
  const wanted = mutants.filter(
    (mutant) => !explained.has(nameOf(mutant)) && nameOf(mutant).includes(flags.only),
  );
  const queue = flags.all ? [...wanted] : shuffled(wanted, flags.seed).slice(0, Number(flags.count));
  const survivors: Mutant[] = [];
  let tried = 0;
  const work = async (workshop: Workshop) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      tried += 1;
      if (!(await workshop.survives(mutant))) continue;
      survivors.push(mutant);
      console.log(`survived: ${mutant.path}:${mutant.line}\n  ${nameOf(mutant)}`);
    }
  };
  const workshops = Array.from({ length: Math.max(2, availableParallelism()) }, () => new Workshop());
  const clear = () => {
    for (const workshop of workshops) workshop.remove();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      clear();
      process.exit(1);
    });
  try {
    await workshops[0]?.mustPassWhole();
    await Promise.all(workshops.map(work));
  } finally {
    clear();
  }
  const how = flags.all ? "all" : `a sample, seed ${flags.seed}`;
  console.log(
    `${tried} of ${wanted.length} mutants tried (${how}), ${survivors.length} survived, ${explained.size} explained`,
  );
  if (survivors.length > 0) process.exitCode = 1;
}

await main();
