import { expect, test } from "bun:test";
import { Readiness } from "./readiness.ts";

test("a node is ready between its start and its drain", () => {
  const readiness = new Readiness(0, () => []);
  expect(readiness.problems()).toEqual(["not listening yet"]);
  readiness.listening();
  expect(readiness.problems()).toEqual([]);
  readiness.draining();
  expect(readiness.problems()).toEqual(["draining"]);
});

test("what is degraded is named, and the node stays ready", () => {
  let degradations = ["the database is away"];
  const readiness = new Readiness(0, () => degradations);
  readiness.listening();
  expect([readiness.problems(), readiness.degradations()]).toEqual([[], ["the database is away"]]);
  degradations = [];
  expect(readiness.degradations()).toEqual([]);
});

test("too much memory is noticed at the next look, and closes the door to newcomers", () => {
  const readiness = new Readiness(1, () => []);
  readiness.listening();
  expect([readiness.memoryProblem, readiness.problems()]).toEqual([null, []]);
  readiness.look();
  expect(readiness.problems()).toEqual(["memory above 1 bytes"]);
  expect(readiness.memoryProblem).toContain("memory");
});

test("a limit of 0 is none", () => {
  const readiness = new Readiness(0, () => []);
  readiness.look();
  expect(readiness.memoryProblem).toBeNull();
});
