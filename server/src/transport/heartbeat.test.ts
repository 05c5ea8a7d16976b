import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { Heartbeat, type Heartbeating } from "./heartbeat.ts";
import { Ticker } from "./ticker.ts";

class FakeHeart implements Heartbeating {
  isAwaitingAnswer = false;
  heartbeatSlice = 0;
  heartbeatIndex = -1;
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
  const heartbeat = new Heartbeat<FakeHeart>(clock, intervalMs);
  new Ticker(clock).every(1, () => heartbeat.tick());
  const heart = new FakeHeart();
  heartbeat.add(heart);
  return { clock, heartbeat, heart };
}

test("each connection is pinged once per interval and stays as long as it sends", () => {
  const { clock, heart } = start(10_000);
  for (let interval = 1; interval <= 5; interval++) {
    clock.advance(10_000);
    expect(heart).toMatchObject({ pings: interval, lost: 0, isAwaitingAnswer: true });
    heart.isAwaitingAnswer = false;
  }
});

test("a silent connection is closed one interval after its last ping, not earlier", () => {
  const { clock, heart } = start(10_000);
  while (heart.pings === 0) clock.advance(1_000);
  clock.advance(9_999);
  expect(heart.lost).toBe(0);
  clock.advance(1);
  expect(heart).toMatchObject({ pings: 1, lost: 1 });
});

test("the time of the last ping and whether it was answered are available", () => {
  const { clock, heartbeat, heart } = start(10_000);
  const addedAtMs = clock.now();
  expect(heartbeat.lastPing(heart, addedAtMs)).toBeNull();
  while (heart.pings === 0) clock.advance(1_000);
  const atMs = clock.now();
  expect(heartbeat.lastPing(heart, addedAtMs)).toEqual({ atMs, isAnswered: false });
  heart.isAwaitingAnswer = false;
  clock.advance(5_000);
  expect(heartbeat.lastPing(heart, addedAtMs)).toEqual({ atMs, isAnswered: true });
  const newcomer = Object.assign(new FakeHeart(), { heartbeatSlice: heart.heartbeatSlice });
  expect(heartbeat.lastPing(newcomer, clock.now())).toBeNull();
});

test("pings are spread over the interval, one per connection", () => {
  const { clock, heartbeat } = start(10_000);
  const hearts = Array.from({ length: 1_000 }, () => new FakeHeart());
  for (const heart of hearts) heartbeat.add(heart);
  clock.advance(5_000);
  const half = hearts.filter(({ pings }) => pings === 1).length;
  expect(half).toBeGreaterThan(300);
  expect(half).toBeLessThan(700);
  clock.advance(5_000);
  expect(hearts.every(({ pings }) => pings === 1)).toBe(true);
});

test("a removed connection is not pinged, also if closing another one removed it", () => {
  const { clock, heartbeat, heart } = start(1_000);
  const neighbour = new FakeHeart();
  heartbeat.add(neighbour);
  heart.isAwaitingAnswer = true;
  heart.giveUp = () => {
    heartbeat.remove(heart);
    heartbeat.remove(neighbour);
  };
  clock.advance(3_000);
  expect([neighbour.pings, [...heartbeat.all()]]).toEqual([0, []]);
});

test("each remaining connection is pinged once per interval, even if others are removed, also twice", () => {
  const { clock, heartbeat, heart } = start(1_000);
  const hearts = [heart, ...Array.from({ length: 9 }, () => new FakeHeart())];
  for (const one of hearts.slice(1)) heartbeat.add(one);
  const isRemoved = (one: FakeHeart) => hearts.indexOf(one) % 3 === 0;
  // Closing the third removes all connections, those before it and those after it.
  const [, , third] = hearts;
  if (third !== undefined) {
    third.ping = () => {
      third.pings += 1;
      for (const one of [...hearts, ...hearts]) if (isRemoved(one)) heartbeat.remove(one);
    };
  }
  clock.advance(1_000);
  const staying = hearts.filter((one) => !isRemoved(one));
  expect(staying.map(({ pings, lost }) => [pings, lost])).toEqual(staying.map(() => [1, 0]));
  expect(new Set(heartbeat.all())).toEqual(new Set(staying));
});

test("an interval below one second counts as one second", () => {
  const { clock, heart } = start(1);
  clock.advance(1_000);
  expect(heart.pings).toBe(1);
});
