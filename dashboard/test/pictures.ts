/** With SCREENSHOTS=1, stores pictures of the tested pages. */
import { join } from "node:path";
import type { Page } from "playwright-core";

const folder = join(import.meta.dir, "..", "..", "docs", "screenshots");

export async function keepPicture(page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS === "1") await page.screenshot({ path: join(folder, `${name}.png`) });
}
