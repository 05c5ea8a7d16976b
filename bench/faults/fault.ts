/** The interface of a fault program, and how it runs from the command line. */
import { pinClients } from "../target/machine.ts";
import type { Target } from "../target/target.ts";

/** quick: small, for `npm test`; short: minutes; long: long enough to trust the result. */
export type Extent = "quick" | "short" | "long";

export interface Verdict {
  readonly figures: Readonly<Record<string, string | number>>;
  /** The claims that are false; empty if the fault passed. */
  readonly problems: readonly string[];
}

export interface Fault {
  /** What must hold, worded as a test name. */
  readonly title: string;
  run(extent: Extent): Promise<Verdict>;
}

/** `bun bench/faults/NAME.ts [--quick | --long]`: prints figures and verdict; exits 1 if there are problems. */
export async function runAsProgram(fault: Fault): Promise<never> {
  const extent = extentOf(process.argv.slice(2));
  pinClients();
  const { figures, problems } = await fault.run(extent);
  console.log(`${fault.title} (${extent})`);
  for (const [name, figure] of Object.entries(figures)) {
    console.log(`  ${name}: ${typeof figure === "number" ? Number(figure.toFixed(2)) : figure}`);
  }
  for (const problem of problems) console.log(`  PROBLEM: ${problem}`);
  console.log(problems.length === 0 ? "  verdict: passed" : "  verdict: FAILED");
  process.exit(problems.length === 0 ? 0 : 1);
}

/** The extent that a command line asks for: `--quick`, `--long`, or neither. */
export function extentOf(words: readonly string[]): Extent {
  if (words.includes("--quick")) return "quick";
  return words.includes("--long") ? "long" : "short";
}

/** The claims that are false, as sentences. */
export function failures(claims: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(claims)
    .filter(([, holds]) => !holds)
    .map(([claim]) => `false: ${claim}`);
}

/** The pause between two checks grows with the time passed, within these limits, because frequent checks take CPU time. */
const pollMs = { least: 10, most: 50, share: 0.05 };

/** Polls until the condition holds. @throws after `limitMs`, naming the condition */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const began = performance.now();
  while (!(await condition())) {
    const passedMs = performance.now() - began;
    if (passedMs > limitMs) throw new Error(`this did not happen within ${limitMs / 1000} s: ${what}`);
    await Bun.sleep(Math.min(Math.max(pollMs.least, passedMs * pollMs.share), pollMs.most));
  }
}

/** The status of readiness and the body of the answer. */
export async function health(target: Target): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${target.port}/health/ready`);
  return { status: answer.status, body: await answer.text() };
}
