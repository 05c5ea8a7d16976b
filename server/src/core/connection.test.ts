import { expect, test } from "bun:test";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { closeSocket, membershipsOf, unsentBytesMax } from "./connection.ts";

test("a synchronous task is done before run returns", () => {
  const { connection } = fakeConnection("1.1", "1");
  const done: string[] = [];
  connection.run(() => void done.push("first"));
  connection.run(() => void done.push("second"));
  expect(done).toEqual(["first", "second"]);
});

test("tasks run one after another in their order, however long each takes", async () => {
  const { connection } = fakeConnection("1.1", "1");
  const done: string[] = [];
  const slow = Promise.withResolvers<void>();
  connection.run(async () => {
    await slow.promise;
    done.push("slow");
  });
  connection.run(() => void done.push("quick"));
  const last = Promise.withResolvers<void>();
  connection.run(async () => {
    done.push("last");
    last.resolve();
  });
  expect(done).toEqual([]);
  slow.resolve();
  await last.promise;
  expect(done).toEqual(["slow", "quick", "last"]);
});

test("a task starts immediately once all earlier ones are done", async () => {
  const { connection } = fakeConnection("1.1", "1");
  const idle = Promise.withResolvers<void>();
  connection.run(async () => undefined);
  connection.run(async () => idle.resolve());
  await idle.promise;
  await new Promise((resolve) => setImmediate(resolve));
  let isDone = false;
  connection.run(() => {
    isDone = true;
    return undefined;
  });
  expect(isDone).toBe(true);
});

test("a task does not start within another one", () => {
  const { connection } = fakeConnection("1.1", "1");
  const done: string[] = [];
  connection.run(() => {
    connection.run(() => void done.push("inner"));
    done.push("outer");
    return undefined;
  });
  expect(done).toEqual(["outer", "inner"]);
});

test("a task waits until the client has read the sent bytes, and the order is kept", () => {
  const { connection, socket } = fakeConnection("1.1", "1");
  const done: string[] = [];
  socket.unsentBytes = unsentBytesMax;
  connection.run(() => void done.push("first"));
  socket.unsentBytes += 1;
  for (const name of ["second", "third"]) connection.run(() => void done.push(name));
  connection.runWaiting();
  expect([done, connection.isIdle]).toEqual([["first"], false]);
  socket.unsentBytes = 0;
  connection.run(() => void done.push("fourth"));
  expect([done, connection.isIdle]).toEqual([["first", "second", "third", "fourth"], true]);
});

test("waiting tasks run only as fast as the client reads the answers", () => {
  const { connection, socket } = fakeConnection("1.1", "1");
  let done = 0;
  const answer = () => {
    done += 1;
    socket.unsentBytes = unsentBytesMax + 1;
    return undefined;
  };
  for (let asked = 0; asked < 5; asked++) connection.run(answer);
  expect(done).toBe(1);
  socket.unsentBytes = 0;
  connection.runWaiting();
  expect(done).toBe(2);
});

test("after the socket closes no task waits for unsent bytes, and the last task runs last", () => {
  const { connection, socket } = fakeConnection("1.1", "1");
  const done: string[] = [];
  socket.unsentBytes = unsentBytesMax + 1;
  connection.run(() => void done.push("said before"));
  connection.end(() => void done.push("end"));
  expect(done).toEqual(["said before", "end"]);
});

test("dropped messages are counted, and reported immediately and then once a second", () => {
  const { connection } = fakeConnection("1.1", "1");
  expect([0, 0, 999, 1_000, 1_001, 2_500].map((nowMs) => connection.countUnread(nowMs))).toEqual([
    1,
    null,
    null,
    3,
    null,
    2,
  ]);
});

test("a slow task of one connection does not delay others", () => {
  const slow = fakeConnection("1.1", "1");
  const other = fakeConnection("2.2", "1");
  const done: string[] = [];
  slow.connection.run(() => new Promise(() => undefined));
  slow.connection.run(() => void done.push("never"));
  other.connection.run(() => void done.push("at once"));
  expect(done).toEqual(["at once"]);
});

test("a close sends an error frame, then closes with at most 120 bytes of the reason", () => {
  const { connection, socket } = fakeConnection("1.1", "1");
  const reason = "é".repeat(100);
  connection.close(4200, reason);
  expect(JSON.parse(socket.frames[0] ?? "")).toEqual({
    event: "pusher:error",
    data: { code: 4200, message: reason },
  });
  expect(socket.closed).toEqual({ code: 4200, reason: "é".repeat(60) });
});

test("a reason that is cut within a character is valid text of at most 123 bytes, as RFC 6455 requires", () => {
  const { socket } = fakeConnection("1.1", "1");
  closeSocket(socket, 4200, `x${"😀".repeat(50)}`);
  expect(Buffer.byteLength(socket.closed?.reason ?? "")).toBeLessThanOrEqual(123);
});

test("messages have their own burst size, and client events have a burst of one second", () => {
  const { connection } = fakeConnection("1.1", "1");
  const count = (may: () => boolean) => Array.from({ length: 100 }, may).filter((was) => was).length;
  expect(count(() => connection.mayReceive(5, 50, 0))).toBe(50);
  expect(count(() => connection.maySendClientEvent(5, 0))).toBe(5);
  expect(connection.mayReceive(5, 50, 200)).toBe(true);
});

test("a limit of 0 means no limit", () => {
  const { connection } = fakeConnection("1.1", "1");
  expect(Array.from({ length: 1_000 }, () => connection.mayReceive(0, 0, 0))).not.toContain(false);
  expect(Array.from({ length: 1_000 }, () => connection.maySendClientEvent(0, 0))).not.toContain(false);
});

test("at most 10 memberships are shown, one for each user id of a presence channel", () => {
  const { connection } = fakeConnection("1.1", "1");
  const enter = (channel: string, userId: string | null) =>
    connection.subscriptions.set(channel, { userId, secretId: null, infoBytes: 0 });
  enter("news", null);
  enter("presence-a", "ada");
  enter("presence-b", "ada");
  enter("presence-c", "bob");
  expect(membershipsOf(connection)).toEqual([
    { userId: "ada", channel: "presence-a" },
    { userId: "bob", channel: "presence-c" },
  ]);
  for (let number = 0; number < 20; number++) enter(`presence-${number}`, `user ${number}`);
  expect(membershipsOf(connection)).toHaveLength(10);
});

test("the subscription that is being made is known until it is made", () => {
  const { connection } = fakeConnection("1.1", "1");
  connection.entering = null;
  expect(connection.entering).toBeNull();
  const subscription = { userId: null, secretId: "1", infoBytes: 0 };
  connection.entering = subscription;
  expect(connection.entering).toBe(subscription);
  connection.entering = null;
  expect(connection.entering).toBeNull();
});
