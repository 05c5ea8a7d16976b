import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { Heartbeat, type Heartbeating } from "./heartbeat.ts";
import { Ticker } from "./ticker.ts";

class FakeConnection implements Heartbeating {
  isAwaitingAnswer = false;
  heartbeatPosition = -1;
  pings = 0;
  lost = 0;

  ping(): void {
    this.pings += 1;
  }

  giveUp(): void {
    this.lost += 1;
  }
}

function start(intervalMs: number) {
  const clock = new FakeClock();
  const heartbeat = new Heartbeat<FakeConnection>(clock, intervalMs);
  new Ticker(clock).every(1, () => heartbeat.tick());
  const connection = new FakeConnection();
  heartbeat.add(connection);
  return { clock, heartbeat, connection };
}

test("each connection is pinged once per interval and stays as long as it sends", () => {
  const { clock, connection } = start(10_000);
  for (let interval = 1; interval <= 5; interval++) {
    clock.advance(10_000);
    expect(connection).toMatchObject({ pings: interval, lost: 0, isAwaitingAnswer: true });
    connection.isAwaitingAnswer = false;
  }
});

test("a silent connection is closed one interval after its last ping, not earlier", () => {
  const { clock, connection } = start(10_000);
  while (connection.pings === 0) clock.advance(1_000);
  clock.advance(9_999);
  expect(connection.lost).toBe(0);
  clock.advance(1);
  expect(connection).toMatchObject({ pings: 1, lost: 1 });
});

test("the time of the last ping and whether it was answered are available", () => {
  const { clock, heartbeat, connection } = start(10_000);
  const addedAtMs = clock.now();
  expect(heartbeat.lastPing(connection, addedAtMs)).toBeNull();
  while (connection.pings === 0) clock.advance(1_000);
  const atMs = clock.now();
  expect(heartbeat.lastPing(connection, addedAtMs)).toEqual({ atMs, isAnswered: false });
  connection.isAwaitingAnswer = false;
  clock.advance(5_000);
  expect(heartbeat.lastPing(connection, addedAtMs)).toEqual({ atMs, isAnswered: true });
  const newcomer = Object.assign(new FakeConnection(), { heartbeatPosition: connection.heartbeatPosition });
  expect(heartbeat.lastPing(newcomer, clock.now())).toBeNull();
});

test("pings are spread over the interval, one per connection", () => {
  const { clock, heartbeat } = start(10_000);
  const connections = Array.from({ length: 1_000 }, () => new FakeConnection());
  for (const connection of connections) heartbeat.add(connection);
  clock.advance(5_000);
  const half = connections.filter(({ pings }) => pings === 1).length;
  expect(half).toBeGreaterThan(300);
  expect(half).toBeLessThan(700);
  clock.advance(5_000);
  expect(connections.every(({ pings }) => pings === 1)).toBe(true);
});

test("a removed connection is not pinged, also if closing another one removed it", () => {
  const { clock, heartbeat, connection } = start(1_000);
  const neighbour = new FakeConnection();
  heartbeat.add(neighbour);
  connection.isAwaitingAnswer = true;
  connection.giveUp = () => {
    heartbeat.remove(connection);
    heartbeat.remove(neighbour);
  };
  clock.advance(3_000);
  expect([neighbour.pings, [...heartbeat.all()]]).toEqual([0, []]);
});

test("each remaining connection is pinged once per interval, even if others are removed, also twice", () => {
  const { clock, heartbeat, connection } = start(1_000);
  const connections = [connection, ...Array.from({ length: 9 }, () => new FakeConnection())];
  for (const one of connections.slice(1)) heartbeat.add(one);
  const isRemoved = (one: FakeConnection) => connections.indexOf(one) % 3 === 0;
  // Closing the third removes all connections, those before it and those after it.
  const [, , third] = connections;
  if (third !== undefined) {
    third.ping = () => {
      third.pings += 1;
      for (const one of [...connections, ...connections]) if (isRemoved(one)) heartbeat.remove(one);
    };
  }
  clock.advance(1_000);
  const staying = connections.filter((one) => !isRemoved(one));
  expect(staying.map(({ pings, lost }) => [pings, lost])).toEqual(staying.map(() => [1, 0]));
  expect(new Set(heartbeat.all())).toEqual(new Set(staying));
});

test("an interval below one second counts as one second", () => {
  const { clock, connection } = start(1);
  clock.advance(1_000);
  expect(connection.pings).toBe(1);
});
