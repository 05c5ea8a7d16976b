import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { InTurn } from "../src/api/in-turn.ts";

const pauseMs = 200;
let answers: (() => void)[] = [];
let turns: InTurn;

beforeEach(() => {
  jest.useFakeTimers();
  answers = [];
  turns = new InTurn(() => new Promise<void>((resolve) => answers.push(resolve)), pauseMs);
});
afterEach(() => jest.useRealTimers());

/** News at each tenth of the pause. */
function newsFor(ms: number): void {
  for (let passedMs = 0; passedMs < ms; passedMs += pauseMs / 10) {
    turns.news();
    jest.advanceTimersByTime(pauseMs / 10);
  }
}

async function answerLast(): Promise<void> {
  answers.at(-1)?.();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test("news that come close together are one request", async () => {
  newsFor(pauseMs);
  expect(answers.length).toBe(1);
  await answerLast();
  jest.advanceTimersByTime(10 * pauseMs);
  expect(answers.length).toBe(1);
});

test("during a slow answer steady news send no request, and one more after it", async () => {
  newsFor(10 * pauseMs);
  expect(answers.length).toBe(1);
  await answerLast();
  expect(answers.length).toBe(1);
  jest.advanceTimersByTime(pauseMs);
  expect(answers.length).toBe(2);
  await answerLast();
  jest.advanceTimersByTime(10 * pauseMs);
  expect(answers.length).toBe(2);
});

test("after the stop nothing is requested, also not the news that came during a request", async () => {
  newsFor(2 * pauseMs);
  turns.stop();
  await answerLast();
  turns.news();
  jest.advanceTimersByTime(10 * pauseMs);
  expect(answers.length).toBe(1);
});
