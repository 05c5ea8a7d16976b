/** For tests that press "Try again": a page that asks by itself may have taken the button away by then. */
import type { Page } from "playwright-core";

/** From the next time the page is opened, it asks only when it is opened and when somebody presses a button. */
export async function keepFromAskingAgain(page: Page): Promise<void> {
  await page.addInitScript(() => {
    class MuteSource extends EventTarget {
      readonly readyState = 0;
      close(): void {
        // Nothing was opened.
      }
    }
    Object.assign(window, { setInterval: () => 0, EventSource: MuteSource });
  });
}
