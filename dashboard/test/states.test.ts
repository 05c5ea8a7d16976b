/** The loading and error states of each page, without layout shifts. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { until } from "../../server/test/support/until.ts";
import { keepFromAskingAgain } from "./ask-once.ts";
import { type Answer, intercept, stopIntercepting } from "./intercept.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();
const appPages = [
  "overview",
  "channels",
  "history?channel=news",
  "connections",
  "events",
  "playground",
  "webhooks",
  "settings",
];
const serverPages = ["apps", "nodes", "team", "tokens", "audit"];
/** The requests of the frame around the pages. */
const ofFrame = /\/api\/v1\/(session|me|server)$/;
/** The maximum that Core Web Vitals rate as good. */
const shiftMax = 0.1;

for (const name of [...serverPages, ...appPages]) {
  test(`the ${name} page shows loading and errors, and has no layout shift`, async () => {
    const { page, goTo } = await dashboard.open();
    const path = appPages.includes(name) ? `apps/${dashboard.server.app.id}/${name}` : name;
    const waiting = page.locator("main").getByRole("status", { name: "Loading" }).first();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await interceptReads(page, async () => {
      await released;
      return null;
    });
    await using _shifts = await page.addInitScript(watchShifts);
    await using _once = await keepFromAskingAgain(page);
    await goTo(path);
    if (name !== "events") await waiting.waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    release();
    await waiting.waitFor({ state: "detached" });
    expect(await shiftOf(page)).toBeLessThan(shiftMax);

    await interceptReads(page, () => broken);
    await goTo(path);
    if (name === "events") return;
    await page.locator("main").getByRole("alert").getByText("It broke").first().waitFor();
    await waiting.waitFor({ state: "detached" });
    await stopIntercepting(page);
    const alerts = page.locator("main").getByRole("alert");
    // A request in progress may still fail and show one more alert.
    await until("every alert to go when its button is pressed", async () => {
      await alerts.getByRole("button", { name: "Try again" }).evaluateAll(pressAll);
      return (await alerts.count()) === 0;
    });
  });
}

test("data that could not be refreshed is marked as outdated until it is", async () => {
  const { page, goTo } = await dashboard.openOwn();
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  await page.getByText("Connections now").waitFor();
  const notice = page.getByText("The shown data may be out of date. It broke");
  await interceptReads(page, () => broken);
  await notice.waitFor();
  await page.getByText("Connections now").waitFor();
  // The notice covers a part of the page, but the end of the page stays visible.
  const end = page.getByText("None in the last seven days");
  await expectAbove(end, page.getByRole("status").filter({ has: notice }));
  // There is no automatic retry: the notice stays until the person retries.
  const daysFailed = page.waitForResponse((answer) => isOfDays(answer.url()) && answer.status() === 500);
  const tryAgain = page.getByRole("status").getByRole("button", { name: "Try again" });
  await tryAgain.click();
  await daysFailed;
  await stopIntercepting(page);
  await tryAgain.click();
  await notice.waitFor({ state: "detached" });
});

test("a page that is opened while the database fails appears by itself when it works again", async () => {
  const { page } = await dashboard.open();
  const repeated = Promise.withResolvers<void>();
  const works = Promise.withResolvers<null>();
  let requests = 0;
  // Only one of the first requests fails: the database may fail between their answers.
  await intercept(page, "*/api/v1/me", () => {
    requests += 1;
    if (requests === 1) return broken;
    repeated.resolve();
    return works.promise;
  });
  await page.goto(`${dashboard.server.adminUrl}/dashboard/apps`);
  const failure = page.getByRole("alert").getByText("It broke");
  await failure.waitFor();
  await repeated.promise;
  expect(await failure.isVisible()).toBe(true);
  works.resolve(null);
  await page.getByRole("heading", { name: "Apps", level: 1 }).waitFor();
});

test("until the answers for another app and connection are there, those of the previous ones are not shown", async () => {
  const { server } = dashboard;
  const other = await server.createApp("Slow shop");
  using first = await RawClient.connect(server.webSocketUrl("protocol=7&client=first&version=1"));
  using second = await RawClient.connect(server.webSocketUrl("protocol=7&client=second&version=2"));
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/connections?socket=${first.socketId}`);
  const dialog = (socketId: string) => page.getByRole("dialog", { name: `Connection ${socketId}` });
  await dialog(first.socketId)
    .getByText(/^first 1, /)
    .waitFor();
  const { promise: released, resolve: release } = Promise.withResolvers<null>();
  await intercept(page, "*/api/v1/apps/*", ({ pathname }) =>
    pathname.includes(second.socketId) || pathname.endsWith(other.id) ? released : null,
  );
  await go(page, `apps/${server.app.id}/connections?socket=${second.socketId}`);
  await dialog(second.socketId).getByRole("status", { name: "Loading" }).waitFor();
  expect(await dialog(second.socketId).getByText("first 1").count()).toBe(0);
  await go(page, `apps/${other.id}/channels`);
  await page.getByRole("button", { name: `App: ${other.id}. Switch` }).waitFor();
  release(null);
  await page.getByRole("button", { name: "App: Slow shop. Switch" }).waitFor();
});

/** Opens a page as a link of the dashboard does. */
function go(page: Page, path: string): Promise<void> {
  return page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, `/dashboard/${path}`);
}

test("a page whose code is missing, as after an update of the server, says so and can be reloaded", async () => {
  const { page, goTo } = await dashboard.openOwn();
  await goTo("apps");
  await page.route("**/assets/tokens-*.js", (route) => route.fulfill({ status: 404 }));
  await page.getByRole("link", { name: "API tokens" }).click();
  await page.getByText("The page could not be loaded").waitFor();
  await page.unroute("**/assets/tokens-*.js");
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { name: "API tokens", level: 1 }).waitFor();
});

/** Presses all buttons in one step, because each press removes its button. */
function pressAll(buttons: (HTMLElement | SVGElement)[]): void {
  for (const button of buttons) if (button instanceof HTMLElement) button.click();
}

async function expectAbove(upper: Locator, lower: Locator): Promise<void> {
  await upper.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const [one, other] = [await upper.boundingBox(), await lower.boundingBox()];
  if (one === null || other === null) throw new Error("Not both are in the page");
  expect(one.y + one.height).toBeLessThanOrEqual(other.y);
}

function isOfDays(url: string): boolean {
  return new URL(url).searchParams.get("interval") === "day";
}

const broken: Answer = {
  status: 500,
  contentType: "application/problem+json",
  body: JSON.stringify({ status: 500, title: "Broken", code: "internal_error", detail: "It broke" }),
};

/** Answers the requests for the data of the page. */
function interceptReads(page: Page, answer: () => Answer | Promise<null>): Promise<void> {
  return intercept(page, "*/api/v1/*", ({ pathname }) => {
    const isRead = !ofFrame.test(pathname) && !pathname.endsWith("/live");
    return isRead ? answer() : null;
  });
}

function watchShifts(): void {
  const shifts: number[] = [];
  Object.assign(window, { shifts });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
  }).observe({ type: "layout-shift", buffered: true });
}

/** The sum of all shifts after the last one was drawn. */
function shiftOf(page: Page): Promise<number> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    const { shifts } = window as unknown as { readonly shifts: readonly number[] };
    return shifts.reduce((sum, shift) => sum + shift, 0);
  });
}
