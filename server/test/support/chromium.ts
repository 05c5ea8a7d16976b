/** Debian's Chromium, driven by playwright-core. `npm test` installs it. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

/** The first installed one is used. The headless shell needs half the processor time. */
const executables = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Test pages exist only for seconds: optimizing their code costs more than it saves. */
const unoptimized = "--js-flags=--no-opt,--no-maglev";

/**
 * @param isOptimizing as the browsers of users do: for measurements
 * @throws Error if no Chromium is installed
 */
export function launchChromium(isOptimizing = false): Promise<Browser> {
  const executablePath = executables.find(existsSync);
  if (executablePath === undefined) throw new Error("Install chromium-headless-shell, as `npm test` does");
  return chromium.launch({ executablePath, args: isOptimizing ? quiet : [...quiet, unoptimized] });
}

/** Where the browsers of a run keep their files: scripts/test.js makes it, and deletes it. Not set where one file runs alone. */
const runFolder = process.env.TEST_RUN_FOLDER || null;
let shared: Browser | null = null;

/**
 * In `npm test` the browser that the test files of this process use one after another, because a start takes more processor time
 * than many a test. It ends with the process. Otherwise a new one.
 */
export async function borrowChromium(): Promise<Browser> {
  if (runFolder === null) return launchChromium();
  // A test that ran out of time has ended it.
  if (shared?.isConnected() !== true) shared = await launchIn(runFolder);
  return shared;
}

/**
 * Closes a browser that no other file will use. In a shared one it closes what the file opened.
 *
 * @param kept contexts that other files will use
 */
export async function returnChromium(
  browser: Browser,
  kept: ReadonlySet<BrowserContext> = new Set(),
): Promise<void> {
  if (browser !== shared) return browser.close();
  for (const context of browser.contexts()) if (!kept.has(context)) await context.close();
}

/** It cannot delete its profile at the end of the process, so the profile is in the folder of the run. */
async function launchIn(folder: string): Promise<Browser> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    return await launchChromium();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}
