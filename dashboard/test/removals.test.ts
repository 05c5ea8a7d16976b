/** The order of reads and removals, with a fake server and fake timers. */
import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { Removals } from "../src/api/removals.ts";

const shop = "/api/v1/apps/shop";
const isOfShop = (path: string) => path.startsWith(shop);

let sent: { readonly what: string; readonly answer: (status: number) => void }[] = [];
let removals: Removals;

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  removals = new Removals(({ method, url, signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    signal.addEventListener("abort", () => reject(signal.reason));
    const what = `${method} ${new URL(url).pathname}`;
    sent.push({ what, answer: (status) => resolve(new Response(null, { status })) });
    return promise;
  });
});
afterEach(() => jest.useRealTimers());

/** Sends a request, and returns a function with the status of its answer; null: none yet. */
function send(method: string, path: string): () => number | null {
  let status: number | null = null;
  void removals.send(new Request(`http://server.test${path}`, { method })).then((answer) => {
    status = answer.status;
  });
  return () => status;
}

/** Returns a function with the outcome of the removal; null: none yet. */
function removeShop(): () => "removed" | "failed" | null {
  let outcome: "removed" | "failed" | null = null;
  const act = async () => {
    const answer = await removals.send(new Request(`http://server.test${shop}`, { method: "DELETE" }));
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  };
  removals.remove(isOfShop, act).then(
    () => {
      outcome = "removed";
    },
    () => {
      outcome = "failed";
    },
  );
  return () => outcome;
}

function answer(what: string, status: number): Promise<void> {
  sent.findLast((request) => request.what === what)?.answer(status);
  return settle();
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function whatWasSent(): string[] {
  return sent.map(({ what }) => what);
}

test("a removal waits for no read, and its outcome answers those that were in progress", async () => {
  const ofShop = send("GET", `${shop}/webhooks`);
  const ofAnother = send("GET", "/api/v1/apps/bakery");
  removeShop();
  await settle();
  expect(whatWasSent()).toEqual([`GET ${shop}/webhooks`, "GET /api/v1/apps/bakery", `DELETE ${shop}`]);
  await answer("GET /api/v1/apps/bakery", 200);
  await answer(`DELETE ${shop}`, 204);
  expect([ofShop(), ofAnother()]).toEqual([null, 200]);
  jest.advanceTimersByTime(1_000);
  await settle();
  expect(ofShop()).toBe(404);
  expect(whatWasSent()).toHaveLength(3);
});

test("a poll during and shortly after a removal is not sent, and is answered with 404 when the page has left", async () => {
  const outcome = removeShop();
  await settle();
  const during = send("GET", shop);
  const ofAnother = send("GET", "/api/v1/board");
  await answer("GET /api/v1/board", 200);
  expect(ofAnother()).toBe(200);
  await answer(`DELETE ${shop}`, 204);
  expect(outcome()).toBe("removed");
  const after = send("GET", `${shop}/stats`);
  await settle();
  expect([during(), after()]).toEqual([null, null]);
  jest.advanceTimersByTime(1_000);
  await settle();
  expect([during(), after()]).toEqual([404, 404]);
  expect(whatWasSent()).toEqual([`DELETE ${shop}`, "GET /api/v1/board"]);
  send("GET", shop);
  await settle();
  expect(whatWasSent().at(-1)).toBe(`GET ${shop}`);
});

test("after a failed removal the reads that waited for it are sent, and those that it stopped are sent again", async () => {
  const before = send("GET", `${shop}/webhooks`);
  const outcome = removeShop();
  await settle();
  const during = send("GET", shop);
  await answer(`DELETE ${shop}`, 503);
  expect(outcome()).toBe("failed");
  await answer(`GET ${shop}`, 200);
  await answer(`GET ${shop}/webhooks`, 200);
  expect([before(), during()]).toEqual([200, 200]);
});

test("a read that fails although no removal stopped it has failed", async () => {
  const failing = new Removals(() => Promise.reject(new TypeError("Failed to fetch")));
  await expect(failing.send(new Request(`http://server.test${shop}`))).rejects.toThrow("Failed to fetch");
});

test("what is created immediately after a removal can be read immediately, as after a log-out and a login", async () => {
  removeShop();
  await settle();
  await answer(`DELETE ${shop}`, 204);
  send("POST", "/api/v1/apps");
  await answer("POST /api/v1/apps", 201);
  const read = send("GET", shop);
  await answer(`GET ${shop}`, 200);
  expect(read()).toBe(200);
});

test("a change elsewhere does not end the wait for a removal in progress", async () => {
  removeShop();
  await settle();
  send("POST", "/api/v1/apps");
  await answer("POST /api/v1/apps", 201);
  send("GET", shop);
  await settle();
  expect(whatWasSent()).toEqual([`DELETE ${shop}`, "POST /api/v1/apps"]);
});
