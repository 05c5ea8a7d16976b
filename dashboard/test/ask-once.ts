/** For tests that press "Try again": an automatic request may have removed the button by then. */
import type { Page } from "playwright-core";

/**
 * After the page is opened the next time, it sends requests only at the start and when a button is pressed. Until the returned
 * value is disposed.
 */
export function keepFromAskingAgain(page: Page): Promise<AsyncDisposable> {
  return page.addInitScript(() => {
    class MuteSource extends EventTarget {
      readonly readyState = 0;
      close(): void {
        // Nothing was open.
      }
    }
    Object.assign(window, { setInterval: () => 0, EventSource: MuteSource });
  });
}
