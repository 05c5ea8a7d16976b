/** Debian's Chromium, driven by playwright-core. `npm test` installs it. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

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
