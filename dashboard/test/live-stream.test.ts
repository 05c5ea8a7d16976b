/** The stream of a page, with a fake EventSource and a fake page visibility. */
import { afterAll, afterEach, beforeEach, expect, jest, test } from "bun:test";
import type { LiveFilter } from "../src/api/live-filter.ts";
import type { LiveNews } from "../src/api/live-stream.ts";

const longEnoughMs = 60_000;

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static readonly all: FakeSource[] = [];
  readonly url: URL;
  readyState = 0;
  onopen: () => void = () => undefined;
  onerror: () => void = () => undefined;

  constructor(url: URL) {
    super();
    this.url = url;
    FakeSource.all.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.onopen();
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.onerror();
  }

  send(event: string, data: object, lastEventId = ""): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data), lastEventId }));
  }

  occupied(id: string, channel: string): void {
    this.send("activity", { id, at: "2026-01-01T00:00:00.000Z", type: "channel_occupied", channel }, id);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

const sight = Object.assign(new EventTarget(), { hidden: false, baseURI: "http://server.test/dashboard/" });
Object.assign(globalThis, { EventSource: FakeSource, document: sight });
const { listenLive } = await import("../src/api/live-stream.ts");

afterAll(() => {
  Reflect.deleteProperty(globalThis, "EventSource");
  Reflect.deleteProperty(globalThis, "document");
});

let leaving: (() => void)[] = [];
beforeEach(() => {
  FakeSource.all.length = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  for (const leave of leaving) leave();
  leaving = [];
  look(true);
  jest.useRealTimers();
});

function listen(filter: LiveFilter = {}) {
  const received: string[] = [];
  const listening = listenLive("7", filter, (news) => received.push(wordsOf(news)));
  leaving.push(listening.leave);
  return { ...listening, received };
}

function wordsOf(news: LiveNews): string {
  if (news.kind === "state") return news.state;
  if (news.kind === "begin") return `begins at ${news.at}`;
  return news.kind === "entry" ? news.entry.id : `gap of ${news.gap.dropped}`;
}

function look(isSeen: boolean): void {
  sight.hidden = !isSeen;
  sight.dispatchEvent(new Event("visibilitychange"));
}

/** The source that is not closed, after all waiting work is done. */
function source(): FakeSource {
  jest.advanceTimersByTime(1_000);
  const [one, ...more] = openSources();
  if (one === undefined || more.length > 0) throw new Error(`${more.length + 1} sources are open`);
  return one;
}

function openSources(): FakeSource[] {
  return FakeSource.all.filter(({ readyState }) => readyState !== FakeSource.CLOSED);
}

function queryOf({ url }: FakeSource): object {
  return Object.fromEntries(url.searchParams);
}

test("a listener learns once from which time of the server on it receives all entries", () => {
  const first = listen();
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
  source().send("position", { at: at(1) }, "e-0");
  source().send("position", { at: at(2) }, "e-0");
  const later = listen();
  source().send("activity", { id: "e-1", at: at(3), type: "channel_occupied", channel: "a" }, "e-1");
  const last = listen();
  expect([first, later, last].map(({ received }) => received)).toEqual([
    ["connecting", `begins at ${at(1)}`, "e-1"],
    ["connecting", `begins at ${at(2)}`, "e-1"],
    ["connecting", `begins at ${at(3)}`],
  ]);
});

test("panels of a page share one source, and each receives the entries that it requested", () => {
  const [all, one] = [listen(), listen({ channel: "a" })];
  const { url } = source();
  expect(url.href).toBe("http://server.test/api/v1/apps/7/live");
  expect(FakeSource.all.length).toBe(1);
  source().open();
  source().occupied("e-1", "a");
  source().occupied("e-2", "b");
  source().send("gap", { dropped: 3, reason: "slow" });
  expect(all.received).toEqual(["connecting", "open", "e-1", "e-2", "gap of 3"]);
  expect(one.received).toEqual(["connecting", "open", "e-1", "gap of 3"]);
});

test("the server filters if one panel or several with the same filter are open, and not otherwise", () => {
  listen({ type: "client_event" });
  const same = listen({ type: "client_event" });
  expect(queryOf(source())).toEqual({ type: "client_event" });
  source().open();
  source().occupied("e-4", "a");
  const other = listen({ socketId: "1.1" });
  expect(queryOf(source())).toEqual({ after: "kept" });
  other.leave();
  same.leave();
  expect(queryOf(source())).toEqual({ type: "client_event", after: "kept" });
});

test("a changed filter requests the past after a pause in typing, and the old source is used until then", () => {
  const { setFilter, received } = listen();
  const first = source();
  first.open();
  first.occupied("e-1", "room");
  for (const channel of ["r", "ro", "room"]) setFilter({ channel });
  expect(openSources()).toEqual([first]);
  first.occupied("e-2", "room");
  first.occupied("e-3", "hall");
  expect(queryOf(source())).toEqual({ channel: "room", after: "kept" });
  expect(FakeSource.all.length).toBe(2);
  expect(received).toEqual(["connecting", "open", "e-1", "e-2"]);
});

test("a filter that is reverted before the pause ends opens nothing", () => {
  const { setFilter } = listen();
  const first = source();
  setFilter({ channel: "a" });
  setFilter({});
  jest.advanceTimersByTime(longEnoughMs);
  expect(FakeSource.all).toEqual([first]);
});

test("after a restart, or a response that the browser treats as final, the stream continues after the last entry", () => {
  const { received } = listen();
  source().open();
  source().occupied("e-1", "a");
  source().send("end", { reason: "serverStopping" });
  const second = source();
  expect(queryOf(second)).toEqual({ after: "e-1" });
  second.fail(FakeSource.CLOSED);
  expect(source()).not.toBe(second);
  expect(queryOf(source())).toEqual({ after: "e-1" });
  expect(received).toEqual(["connecting", "open", "e-1", "serverStopping", "away"]);
});

test("without received entries, the stream continues at the position that the server last sent", () => {
  const { received } = listen({ channel: "a" });
  source().send("position", { at: "2026-01-01T00:00:00.000Z" }, "e-7");
  source().send("end", { reason: "serverStopping" });
  expect(queryOf(source())).toEqual({ channel: "a", after: "e-7" });
  expect(received).toEqual(["connecting", "begins at 2026-01-01T00:00:00.000Z", "serverStopping"]);
});

test("a source that the browser reconnects by itself is not replaced", () => {
  const { received } = listen();
  const first = source();
  first.fail(0);
  jest.advanceTimersByTime(longEnoughMs);
  expect(FakeSource.all).toEqual([first]);
  expect(received).toEqual(["connecting", "away"]);
});

test.each(["unauthorized", "appDeleted"])(
  "%s ends the stream, also for a page that becomes visible again",
  (reason) => {
    const { received } = listen();
    source().send("end", { reason });
    look(false);
    jest.advanceTimersByTime(longEnoughMs);
    look(true);
    jest.advanceTimersByTime(longEnoughMs);
    expect(FakeSource.all.length).toBe(1);
    expect(received).toEqual(["connecting", reason]);
  },
);

test("a page that is hidden for long closes its source, and continues after the last entry once visible", () => {
  const { received } = listen();
  source().open();
  source().occupied("e-1", "a");
  look(false);
  jest.advanceTimersByTime(longEnoughMs);
  expect(openSources()).toEqual([]);
  look(true);
  expect(queryOf(source())).toEqual({ after: "e-1" });
  source().open();
  source().send("gap", { dropped: 9, reason: "resumedTooLate" });
  expect(received).toEqual(["connecting", "open", "e-1", "connecting", "open", "gap of 9"]);
});

test("a page that is hidden for a moment keeps its source", () => {
  listen();
  const first = source();
  look(false);
  jest.advanceTimersByTime(1_000);
  look(true);
  jest.advanceTimersByTime(longEnoughMs);
  expect(FakeSource.all).toEqual([first]);
  expect(openSources()).toEqual([first]);
});

test("a page that was never visible closes its source, too", () => {
  look(false);
  listen();
  source();
  jest.advanceTimersByTime(longEnoughMs);
  expect(openSources()).toEqual([]);
});

test("the last listener closes the source, and a later one starts a new one", () => {
  const first = listen();
  source().occupied("e-1", "a");
  first.leave();
  expect(openSources()).toEqual([]);
  look(false);
  look(true);
  expect(openSources()).toEqual([]);
  listen();
  expect(queryOf(source())).toEqual({});
});
