/**
 * Answers requests of a page in the place of the server. Unlike Playwright's `route` it leaves all other requests and the
 * browser's cache alone: a page whose assets come from the cache needs half the processor time.
 */
import type { CDPSession, Page } from "playwright-core";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Null: the server answers. */
type Answering = (url: URL) => Answer | null | Promise<Answer | null>;

const sessions = new WeakMap<Page, CDPSession>();

/**
 * Until `stopIntercepting` or the next call for this page.
 *
 * @param urlPattern of Chromium: `*` matches any characters, `?` matches one; `\` escapes them
 */
export async function intercept(page: Page, urlPattern: string, answer: Answering): Promise<void> {
  await stopIntercepting(page);
  const session = await page.context().newCDPSession(page);
  sessions.set(page, session);
  session.on("Fetch.requestPaused", ({ requestId, request }) => {
    // The page or the session may be gone before the answer.
    void answerPaused(session, requestId, new URL(request.url), answer).catch(() => undefined);
  });
  await session.send("Fetch.enable", { patterns: [{ urlPattern }] });
}

/** Lets the server answer again, also the requests that still wait for their answer. */
export async function stopIntercepting(page: Page): Promise<void> {
  const session = sessions.get(page);
  sessions.delete(page);
  await session?.detach();
}

async function answerPaused(session: CDPSession, requestId: string, url: URL, answering: Answering) {
  const answer = await answering(url);
  if (answer === null) return session.send("Fetch.continueRequest", { requestId });
  const { status, contentType, body } = answer;
  return session.send("Fetch.fulfillRequest", {
    requestId,
    responseCode: status,
    responseHeaders: [{ name: "content-type", value: contentType }],
    body: Buffer.from(body).toString("base64"),
  });
}
