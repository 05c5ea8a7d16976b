/**
 * Pages that the tests of this process use one after another, also those of different files. A new browser context costs more than a second of processor time, because
 * nothing of the dashboard is compiled in it; a page that is reset costs a fraction of it.
 */
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { stopIntercepting } from "./intercept.ts";

/** Each page has its own process. */
const pagesMax = 4;
const emptyPage = "about:blank";
export const defaultViewport = { width: 1440, height: 900 };

interface PooledPage {
  readonly page: Page;
  readonly kind: string;
  isFree: boolean;
}

export class PagePool {
  #pages: PooledPage[] = [];

  /** A free page with these options, or null. It is lent until the next reset. */
  async take(options: BrowserContextOptions): Promise<Page | null> {
    const kind = kindOf(options);
    // The browser of an earlier file may have ended.
    this.#pages = this.#pages.filter(({ page }) => !page.isClosed());
    const free = this.#pages.find((one) => one.isFree && one.kind === kind);
    if (free === undefined) return null;
    free.isFree = false;
    await free.page.setViewportSize(options.viewport ?? defaultViewport);
    await free.page.emulateMedia({ colorScheme: options.colorScheme ?? null });
    return free.page;
  }

  /** Adds a page, which is lent until the next reset. */
  lend(page: Page, options: BrowserContextOptions): Page {
    this.#pages.push({ page, kind: kindOf(options), isFree: false });
    return page;
  }

  /** Resets the pages that can be used again, and returns their contexts. The caller closes all other contexts. */
  async reset(): Promise<ReadonlySet<BrowserContext>> {
    const kept: PooledPage[] = [];
    for (const one of this.#pages.slice(-pagesMax))
      if (one.isFree || (await resetPage(one.page))) kept.push(one);
    for (const one of kept) one.isFree = true;
    this.#pages = kept;
    return new Set(kept.map(({ page }) => page.context()));
  }
}

/** The options that a page keeps for its life; the others are set when it is taken. */
function kindOf({
  viewport: _viewport,
  colorScheme: _colorScheme,
  ...lasting
}: BrowserContextOptions): string {
  return JSON.stringify(lasting);
}

/** False if the page cannot be used again: it was closed, or what it opened failed. */
async function resetPage(page: Page): Promise<boolean> {
  if (page.isClosed()) return false;
  const context = page.context();
  for (const other of context.pages()) if (other !== page) await other.close();
  page.removeAllListeners();
  // A page with unsaved changes asks before it is left.
  page.on("dialog", (dialog) => dialog.accept());
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await stopIntercepting(page);
  if (page.url() !== emptyPage) {
    if (!page.url().startsWith("http")) return false;
    await leave(page);
  }
  page.removeAllListeners();
  await context.clearCookies();
  return true;
}

/** Only a page that leaves by its own script keeps its process. Otherwise the browser would start a new one. */
async function leave(page: Page): Promise<void> {
  const script = `localStorage.clear(); sessionStorage.clear(); location.replace("${emptyPage}")`;
  await Promise.all([page.waitForURL(emptyPage), page.evaluate(script)]);
}
