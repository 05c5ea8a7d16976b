import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { type FakeConnection, fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { hubOver } from "../../test/support/fakes/fake-topics.ts";
import { drain } from "./drain.ts";

function crowd(size: number) {
  const clock = new FakeClock();
  const hub = hubOver();
  const all = Array.from({ length: size }, (_, index) => fakeConnection(`${index}.1`, "1"));
  for (const { connection } of all) hub.add(connection, false);
  /** Advances the clock by a tenth of a second and runs what waits for it. */
  const step = async () => {
    clock.advance(100);
    await Promise.resolve();
  };
  return { clock, hub, all, step, leave: ({ connection }: FakeConnection) => hub.remove(connection) };
}

const isClosed = ({ socket }: FakeConnection) => socket.closed !== null;

test("connections are closed with 4200, evenly over the time given", async () => {
  const { clock, hub, all, step, leave } = crowd(100);
  const done = drain(hub, clock, { overMs: 1_000, perSecondMin: 1 });
  for (let closed = 10; closed <= 100; closed += 10) {
    expect(all.filter(isClosed)).toHaveLength(closed);
    all.filter(isClosed).forEach(leave);
    await step();
  }
  await done;
  expect(new Set(all.map(({ socket }) => socket.closed?.code))).toEqual(new Set([4200]));
});

test("few connections are closed at the minimum rate", () => {
  const { clock, hub, all } = crowd(20);
  void drain(hub, clock, { overMs: 60_000, perSecondMin: 50 });
  expect(all.filter(isClosed)).toHaveLength(5);
});

test("a connection that closes slowly delays no other and is asked once", async () => {
  const { clock, hub, all, step, leave } = crowd(2);
  const [slow, other] = all;
  const done = drain(hub, clock, { overMs: 200, perSecondMin: 1 });
  await step();
  expect(all.map(isClosed)).toEqual([true, true]);
  if (other !== undefined) leave(other);
  await step();
  expect(slow?.socket.frames).toHaveLength(1);
  if (slow !== undefined) leave(slow);
  await step();
  await done;
});

test("a drain without connections ends immediately", async () => {
  const { clock, hub } = crowd(0);
  await drain(hub, clock, { overMs: 60_000, perSecondMin: 1 });
});
