/** With SCREENSHOTS=1, as `npm run pictures` sets it, stores pictures of the tested pages. */
import { join } from "node:path";
import type { Page } from "playwright-core";

export const pictureFolder = join(import.meta.dir, "..", "..", "docs", "screenshots");
export const arePicturesKept = process.env.SCREENSHOTS === "1";

export async function keepPicture(page: Page, name: string): Promise<void> {
  if (arePicturesKept) await page.screenshot({ path: join(pictureFolder, `${name}.png`) });
}
