import { describe, expect, test } from "bun:test";
import { backoffMs, judge, type Tried } from "./retry-schedule.ts";

const limits = { retryWindowMs: 300_000, backoffFirstMs: 1_000, backoffMaxMs: 60_000 };
const start = Date.UTC(2026, 0, 1);

test("the delay doubles up to its maximum, and half of it is random", () => {
  const most = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((attempts) => backoffMs(attempts, limits, () => 1));
  expect(most).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(backoffMs(3, limits, () => 0)).toBe(2_000);
});

describe("the meaning of a response", () => {
  test.each([200, 201, 204, 299])("%i is delivered", (status) => {
    expect(verdict({ answer: answer(status) }).state).toBe("delivered");
  });

  test.each([199, 302, 400, 404, 429, 500, 503])("%i is retried", (status) => {
    expect(verdict({ answer: answer(status) })).toMatchObject({ state: "pending", retryAfterMs: 1_000 });
  });

  test("410 fails permanently", () => {
    expect(verdict({ answer: answer(410) }).state).toBe("dead");
  });

  test("no response is retried", () => {
    expect(verdict({ answer: null }).state).toBe("pending");
  });
});

test("a delivery fails if the next attempt would be after the window", () => {
  expect(verdict({ waitedMs: 299_000 }).state).toBe("pending");
  expect(verdict({ waitedMs: 299_001 }).state).toBe("dead");
});

describe("Retry-After", () => {
  test.each([
    ["in seconds", "30", 30_000],
    ["as a date", "Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["beyond the window, to its end", "999999", 300_000],
  ])("is respected %s", (_, retryAfter, restMs) => {
    expect(verdict({ answer: answer(503, retryAfter) })).toMatchObject({
      state: "pending",
      retryAfterMs: restMs,
      pauseMs: restMs,
    });
  });

  test.each(["-1", "soon", "0", "Thu, 01 Jan 2015 00:00:00 GMT"])("%s is ignored", (retryAfter) => {
    expect(verdict({ answer: answer(503, retryAfter) })).toMatchObject({
      retryAfterMs: 1_000,
      pauseMs: 0,
    });
  });
});

describe("during a rotation", () => {
  test("a response that is not 2xx is retried immediately with the other secret", () => {
    const first = verdict({ answer: answer(401), hasOtherSignature: true });
    expect(first).toMatchObject({ state: "pending", retryAfterMs: 0, isTrial: true });
    const second = verdict({ answer: answer(401), hasOtherSignature: true, attempts: 2 });
    expect(second).toMatchObject({ retryAfterMs: 2_000, isTrial: false });
  });

  test("without a response the secret is not changed", () => {
    expect(verdict({ answer: null, hasOtherSignature: true }).isTrial).toBe(false);
  });
});

function verdict(tried: Partial<Tried>) {
  const usual = {
    attempts: 1,
    waitedMs: 0,
    nowMs: start,
    answer: answer(500),
    hasOtherSignature: false,
  };
  return judge({ ...usual, ...tried }, limits, () => 1);
}

function answer(status: number, retryAfter: string | null = null) {
  return { status, retryAfter, body: "" };
}
