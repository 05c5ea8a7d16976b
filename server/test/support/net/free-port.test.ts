import { expect, test } from "bun:test";
import { freePort, isFree, portsOf } from "./free-port.ts";

test("each call returns other ports, although nobody listens on the earlier ones yet", async () => {
  const rows = await Promise.all(
    [1, 3, 1, 2].map(async (count) => ({ count, first: await freePort(count) })),
  );
  const ports = rows.flatMap(({ count, first }) =>
    Array.from({ length: count }, (_, index) => first + index),
  );
  expect(new Set(ports).size).toBe(7);
});

test("a port in use is left out", async () => {
  const taken = Bun.listen({
    hostname: "127.0.0.1",
    port: (await freePort()) + 1,
    socket: { data: () => undefined },
  });
  expect(await isFree(taken.port)).toBe(false);
  expect(await freePort()).not.toBe(taken.port);
  taken.stop(true);
});

test("the processes of a run have no port in common", () => {
  const ranges = Array.from({ length: 6 }, (_, index) => portsOf(String(index + 1))).sort(
    (one, other) => one.first - other.first,
  );
  for (const [index, { first, end }] of ranges.entries()) {
    expect(end).toBeGreaterThan(first);
    expect(first).toBeGreaterThanOrEqual(ranges[index - 1]?.end ?? 0);
  }
});
