import { expect, test } from "bun:test";
import { Readiness } from "./readiness.ts";

const noLimits = { connectionsMax: 1_000, memoryBytesMax: 0, descriptorsMax: 1_000 };

function stage(watermarks: Partial<typeof noLimits> = {}) {
  const node = { connections: 0, memoryBytes: 100, descriptors: 20, degradations: [] as string[] };
  const readiness = new Readiness(
    { ...noLimits, ...watermarks },
    {
      connectionCount: () => node.connections,
      degradations: () => node.degradations,
      measure: () => ({ ...node }),
    },
  );
  readiness.listening();
  readiness.update();
  return { node, readiness };
}

test("a node is ready between its start and its drain", () => {
  const readiness = new Readiness(noLimits, { connectionCount: () => 0, degradations: () => [] });
  expect(readiness.problems()).toEqual(["not listening yet"]);
  readiness.listening();
  readiness.update();
  expect(readiness.problems()).toEqual([]);
  readiness.draining();
  expect(readiness.problems()).toEqual(["draining"]);
});

test("degraded parts are listed, and the node stays ready", () => {
  const { node, readiness } = stage();
  node.degradations = ["the database is unreachable"];
  expect([readiness.problems(), readiness.degradations()]).toEqual([[], ["the database is unreachable"]]);
});

test("new connections are rejected once memory exceeds the limit, until it falls to 95 % of the limit", () => {
  const { node, readiness } = stage({ memoryBytesMax: 200 });
  node.memoryBytes = 201;
  expect(readiness.overload).toBeNull();
  readiness.update();
  expect(readiness.problems()).toEqual(["memory above 200 bytes: ready again at 190"]);
  expect(readiness.overload).toBe("The server is above its memory limit: try again later");
  node.memoryBytes = 190;
  readiness.update();
  expect([readiness.problems(), readiness.overload]).toEqual([[], null]);
});

test("memory that hovers around the limit makes a node unready once and ready once", () => {
  const { node, readiness } = stage({ memoryBytesMax: 200 });
  const readyAt = [199, 200, 201, 200, 199, 191, 201, 190, 191, 200].map((memoryBytes) => {
    node.memoryBytes = memoryBytes;
    readiness.update();
    return readiness.problems().length === 0;
  });
  expect(readyAt).toEqual([true, true, false, false, false, false, false, true, true, true]);
});

test("a memory limit of 0 is no limit", () => {
  const { node, readiness } = stage();
  node.memoryBytes = 2 ** 40;
  readiness.update();
  expect(readiness.overload).toBeNull();
});

test("new connections are rejected if too many files are open, including those opened since the last measurement", () => {
  const { node, readiness } = stage({ descriptorsMax: 50 });
  node.connections = 30;
  expect(readiness.overload).toBeNull();
  node.connections = 31;
  expect(readiness.overload).toBe("The server has too many open files: try again later");
  expect(readiness.problems()).toEqual(["more than 50 open files"]);
  node.connections = 5;
  expect([readiness.problems(), readiness.overload]).toEqual([[], null]);
});

test("a node with its maximum of connections rejects new ones and stays ready for the HTTP API", () => {
  const { node, readiness } = stage({ connectionsMax: 2 });
  node.connections = 2;
  expect(readiness.overload).toBe("The server has its maximum of 2 connections: try again later");
  expect(readiness.problems()).toEqual([]);
});

test("if the memory cannot be read, too many files are open", () => {
  const { node, readiness } = stage();
  Object.defineProperty(node, "memoryBytes", {
    get: () => {
      throw new Error("EMFILE: too many open files");
    },
    enumerable: true,
  });
  readiness.update();
  expect(readiness.problems()).toEqual(["more than 1000 open files"]);
});
