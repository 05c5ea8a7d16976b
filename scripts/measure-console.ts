/**
 * `bun scripts/measure-console.ts [ROWS_A_SECOND] [SECONDS]`: opens the live console in Chromium while events are
 * published, and prints the frames a second and the long tasks of the page. Run it on a machine that does nothing else.
 * Exit code 1: a task took longer than 50 ms, or there were fewer than 55 frames a second.
 */
import type { Page } from "playwright-core";
import { publishNumbers } from "../dashboard/test/publish-numbers.ts";
import { launchChromium } from "../server/test/support/chromium.ts";
import { type RunningServer, startServer } from "../server/test/support/start-server.ts";

const owner = { email: "ada@example.com", password: "correct horse battery" };
const [rowsPerSecond = 5_000, seconds = 10] = process.argv.slice(2).map(Number);
const turnMs = 20;
const framesMin = 55;

/** Runs in the page. */
const watch = `
  window.seen = { frames: 0, longTasksMs: [] };
  const count = () => {
    seen.frames += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longTasksMs.push(duration);
  }).observe({ type: "longtask" });
`;

interface Seen {
  readonly frames: number;
  readonly longTasksMs: readonly number[];
}

const server = await startServer({
  env: { SOKETIFY_ADMIN_EMAIL: owner.email, SOKETIFY_ADMIN_PASSWORD: owner.password },
});
const browser = await launchChromium(true);
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await openConsole(page, server);
  await publishFor(1);
  await page.evaluate(watch);
  const startMs = performance.now();
  const published = await publishFor(seconds);
  const tookS = (performance.now() - startMs) / 1_000;
  const { frames, longTasksMs } = await page.evaluate<Seen>("seen");
  const framesPerSecond = frames / tookS;
  const longest = Math.max(0, ...longTasksMs);
  console.log(`rows a second: ${Math.round(published / tookS)}, for ${tookS.toFixed(1)} s`);
  console.log(`frames a second: ${framesPerSecond.toFixed(1)}`);
  console.log(`tasks longer than 50 ms: ${longTasksMs.length}, the longest ${Math.round(longest)} ms`);
  if (longTasksMs.length > 0 || framesPerSecond < framesMin) process.exitCode = 1;
} finally {
  await browser.close();
  await server.remove();
}

async function openConsole(page: Page, { adminUrl, app }: RunningServer): Promise<void> {
  await page.goto(`${adminUrl}/dashboard/`);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("heading", { name: "Apps" }).waitFor();
  await page.goto(`${adminUrl}/dashboard/apps/${app.id}/console`);
  await page.getByText("Live", { exact: true }).waitFor();
}

/** Publishes in turns of equal length. Resolves with the number of events once all are published. */
async function publishFor(durationS: number): Promise<number> {
  const perTurn = Math.round((rowsPerSecond * turnMs) / 1_000);
  const pending: Promise<void>[] = [];
  const startMs = performance.now();
  let published = 0;
  for (let turn = 0; turn * turnMs < durationS * 1_000; turn++) {
    pending.push(publishNumbers(server, "flood", published, perTurn));
    published += perTurn;
    await Bun.sleep(Math.max(0, startMs + (turn + 1) * turnMs - performance.now()));
  }
  await Promise.all(pending);
  return published;
}
