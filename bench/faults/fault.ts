/** What a fault program is asked and what it answers, and how it runs from the command line. */
import { pinClients } from "../target/machine.ts";
import type { Target } from "../target/target.ts";

/** quick: small, for `npm test`; short: minutes; long: as long as it takes to trust it. */
export type Extent = "quick" | "short" | "long";

export interface Verdict {
  readonly figures: Readonly<Record<string, string | number>>;
  /** What should not have been; empty when all went as it must. */
  readonly problems: readonly string[];
}

export interface Fault {
  /** Says what must hold, as the name of a test. */
  readonly title: string;
  run(extent: Extent): Promise<Verdict>;
}

/** `bun bench/faults/NAME.ts [--quick | --long]`: prints figures and verdict; exits 1 where there is a problem. */
export async function runAsProgram(fault: Fault): Promise<never> {
  const extent = extentOf(process.argv.slice(2));
  pinClients();
  const { figures, problems } = await fault.run(extent);
  console.log(`${fault.title} (${extent})`);
  for (const [name, figure] of Object.entries(figures)) {
    console.log(`  ${name}: ${typeof figure === "number" ? Number(figure.toFixed(2)) : figure}`);
  }
  for (const problem of problems) console.log(`  PROBLEM: ${problem}`);
  console.log(problems.length === 0 ? "  verdict: holds" : "  verdict: FAILS");
  process.exit(problems.length === 0 ? 0 : 1);
}

/** Of a command line: `--quick`, `--long`, or neither. */
export function extentOf(words: readonly string[]): Extent {
  if (words.includes("--quick")) return "quick";
  return words.includes("--long") ? "long" : "short";
}

/** Those of the claims that are false, in words. */
export function failures(claims: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(claims)
    .filter(([, holds]) => !holds)
    .map(([claim]) => `it is not so that ${claim}`);
}

const pollMs = 10;

/** Asks until the condition holds; throws after `limitMs`, naming what did not come. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`in ${limitMs / 1000} s it did not come to this: ${what}`);
    await Bun.sleep(pollMs);
  }
}

/** What readiness says, and the body of the answer. */
export async function health(target: Target): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${target.port}/health/ready`);
  return { status: answer.status, body: await answer.text() };
}
