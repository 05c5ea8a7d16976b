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
async function newsFor(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += pauseMs / 10) {
    turns.news();
    await pass(pauseMs / 10);
  }
}

async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  await settle();
}

async function answerLast(): Promise<void> {
  answers.at(-1)?.();
  await settle();
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test("news that come close together are one request", async () => {
  await newsFor(pauseMs);
  expect(answers.length).toBe(1);
  await answerLast();
  await pass(10 * pauseMs);
  expect(answers.length).toBe(1);
});

test("during a slow answer steady news send no request, and one more after it", async () => {
  await newsFor(10 * pauseMs);
  expect(answers.length).toBe(1);
  await answerLast();
  expect(answers.length).toBe(1);
  await pass(pauseMs);
  expect(answers.length).toBe(2);
  await answerLast();
  await pass(10 * pauseMs);
  expect(answers.length).toBe(2);
});

test("after the stop nothing is requested, also not the news that came during a request", async () => {
  await newsFor(2 * pauseMs);
  turns.stop();
  await answerLast();
  turns.news();
  await pass(10 * pauseMs);
  expect(answers.length).toBe(1);
});
