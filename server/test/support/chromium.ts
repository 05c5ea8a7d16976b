/** Debian's Chromium, installed where it is missing, driven by playwright-core. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @throws Error that says how to install it, where that needs other rights */
function ensureChromium(): string {
  if (existsSync(executablePath)) return executablePath;
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", "chromium"]]) {
    const { status, stderr } = spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "pipe"] });
    if (status !== 0) throw new Error(`Install chromium: apt-get ${args.join(" ")} failed. ${stderr}`);
  }
  return executablePath;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: ensureChromium(), args: quiet });
}
