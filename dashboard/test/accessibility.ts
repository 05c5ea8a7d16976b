/** Checks a page with axe-core, and whether it fits the window. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

/** Minified: each new document parses it. */
const axeSource = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** The serious and critical violations. */
export async function violationsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axeSource);
  // Excludes the details of passed checks, which take half of the time.
  return seriousOf((await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as AxeResult);
}

/**
 * The violations that depend on colors. Call it after `violationsOf` and a change of the theme: the other violations are
 * the same in each theme.
 */
export async function colorViolationsOf(page: Page): Promise<string[]> {
  return seriousOf(
    (await page.evaluate(
      'axe.run({ resultTypes: ["violations"], runOnly: ["color-contrast", "link-in-text-block"] })',
    )) as AxeResult,
  );
}

function seriousOf({ violations }: AxeResult): string[] {
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** How many pixels the page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The tables that need horizontal scrolling, after those that grew were drawn as cards. */
export function tablesCut(page: Page): Promise<(string | null)[]> {
  return page.evaluate(async () => {
    // A table measures itself once it is drawn: a longer text may have widened it just now.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    return [...document.querySelectorAll(":has(> table)")]
      .filter((box) => box.scrollWidth > box.clientWidth)
      .map((box) => box.getAttribute("aria-label"));
  });
}

/** The texts in table cells that are not visible at all, because they are beyond the edge of their cell. */
export function textsCut(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("td > div")].flatMap((cell) => {
      const edge = cell.getBoundingClientRect().right;
      return [...cell.querySelectorAll("*")].flatMap((element) => {
        if (element.childElementCount > 0 || element.textContent === "") return [];
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect().left >= edge ? [element.textContent] : [];
      });
    }),
  );
}
