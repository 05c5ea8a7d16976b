import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { unsentBytesMax } from "../core/connection.ts";
import { WaitingConnections } from "./waiting-connections.ts";

function startWaiting() {
  const clock = new FakeClock();
  const waiting = new WaitingConnections(clock);
  const { connection, socket } = fakeConnection("1.1", "1");
  socket.unsentBytes = unsentBytesMax + 1;
  const done: string[] = [];
  const receive = (name: string) => {
    connection.run(() => void done.push(name));
    waiting.watch(connection);
  };
  return { clock, connection, socket, done, receive };
}

test("messages continue without a drain event once the bytes are sent", () => {
  const { clock, socket, done, receive } = startWaiting();
  for (const name of ["first", "second"]) receive(name);
  clock.advance(200);
  expect(done).toEqual([]);
  socket.unsentBytes = 0;
  clock.advance(50);
  expect(done).toEqual(["first", "second"]);
});

test("a connection that waits again later is found again", () => {
  const { clock, socket, done, receive } = startWaiting();
  for (const name of ["first", "second"]) {
    socket.unsentBytes = unsentBytesMax + 1;
    receive(name);
    socket.unsentBytes = 0;
    clock.advance(50);
  }
  expect(done).toEqual(["first", "second"]);
});

test("a timer runs only while messages wait", () => {
  const { clock, connection, socket, receive } = startWaiting();
  let timers = 0;
  const after = clock.after.bind(clock);
  clock.after = (delayMs, run) => {
    timers += 1;
    return after(delayMs, run);
  };
  for (const name of ["first", "second"]) receive(name);
  socket.unsentBytes = 0;
  clock.advance(1_000);
  receive("third");
  expect([timers, connection.isWaiting]).toEqual([1, false]);
});
