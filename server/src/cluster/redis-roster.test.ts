import { expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { RecordedLine } from "../../test/support/fakes/recorded-line.ts";
import { until } from "../../test/support/until.ts";
import type { JoinRequest } from "../core/ports/roster.ts";
import { RedisChanges } from "./redis-changes.ts";
import { RedisChannels } from "./redis-channels.ts";
import type { OnLine } from "./redis-connection.ts";
import { RedisKeys } from "./redis-keys.ts";
import type { OnUp, RedisLink } from "./redis-link.ts";
import { RedisRoster } from "./redis-roster.ts";
import { RedisUsers } from "./redis-users.ts";

const request = {
  appId: "1",
  channel: "presence-x",
  membersMax: 9,
  isCountPublished: false,
  bounds: null,
  catchUp: null,
} satisfies Partial<JoinRequest>;

/** A link whose state the test sets. It answers each join on the line, and each script with no change. */
class FakeLink {
  readonly nodeId = randomUUID();
  readonly keys = new RedisKeys("t:");
  readonly problem = null;
  readonly isSharded = false;
  readonly ups: OnUp[] = [];
  readonly downs: (() => void)[] = [];
  /** The scripts that were run, each with its arguments. */
  readonly runs: (readonly string[])[] = [];
  isUp = true;
  isConnected = true;
  readonly unfollow = () => undefined;
  readonly #lines = new Map<string, OnLine>();
  /** The answers to the script `contribute` wait for it. */
  contributed: Promise<void> = Promise.resolve();

  onUp(listener: OnUp): void {
    this.ups.push(listener);
  }

  onDown(listener: () => void): void {
    this.downs.push(listener);
  }

  async follow(names: readonly string[], onLine: OnLine): Promise<void> {
    for (const name of names) this.#lines.set(name, onLine);
  }

  async send(): Promise<unknown> {
    return null;
  }

  async run(script: string, key: string, args: readonly string[]): Promise<unknown> {
    this.runs.push([script, ...args]);
    const [, , token, line = ""] = args;
    const isAnswered = (script === "join" || script === "contribute") && token !== "";
    if (script === "contribute") await this.contributed;
    if (isAnswered) this.#lines.get(line)?.(`${key}\n=${JSON.stringify({ t: token, m: [] })}`, line);
    return "";
  }
}

/** A roster on a link that the test controls. */
function open() {
  const clock = new FakeClock();
  const link = new FakeLink();
  const itsLink = link as unknown as RedisLink;
  const changes = new RedisChanges(itsLink);
  const channels = new RedisChannels(itsLink, changes, clock);
  channels.listen(new RecordedLine());
  const users = new RedisUsers(itsLink, changes, () => channels.line);
  const roster = new RedisRoster(itsLink, changes, channels, users, { clock, graceOf: () => 0 });
  const join = (userId: string) =>
    roster.join({ ...request, member: { userId, infoJson: null } }, () => undefined);
  const leave = (userId: string) => roster.leave({ ...request, userId });
  /** The link is back. Calls `act` while Redis answers no contribution yet, and then waits until the node has entered. */
  async function enterAgain(act: () => Promise<unknown>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    link.contributed = promise;
    const entered = (async () => {
      for (const up of link.ups) await up(false);
    })();
    await until("the call", () => link.runs.some(([script]) => script === "contribute"));
    await act();
    resolve();
    await entered;
  }
  return { clock, link, channels, join, leave, enterAgain };
}

test("a member who left while Redis was unreachable is removed there, although the channel empties before", async () => {
  const { clock, link, channels, join, leave } = open();
  await join("ada");
  await join("bob");
  link.isUp = false;
  for (const down of link.downs) down();
  await leave("ada");
  link.isUp = true;
  // The node enters its channels one after another, and this one is not yet entered.
  await leave("bob");
  clock.advance(5_000);
  link.runs.length = 0;
  for (const up of link.ups) await up(false);
  expect(link.runs.map(([script, , count, , , users]) => [script, count, users])).toEqual([
    ["contribute", "0", "[]"],
  ]);
  // Then it is forgotten like any other channel.
  clock.advance(5_000);
  expect(channels.find("1", "presence-x")).toBeUndefined();
});

test("a channel that empties while the node enters it again is forgotten", async () => {
  const { clock, link, channels, join, leave, enterAgain } = open();
  await join("ada");
  for (const down of link.downs) down();
  await enterAgain(() => leave("ada"));
  clock.advance(5_000);
  expect(channels.find("1", "presence-x")).toBeUndefined();
});

test("a channel that is joined while the node enters it again as empty keeps its contribution", async () => {
  const { clock, link, channels, join, leave, enterAgain } = open();
  await join("ada");
  for (const down of link.downs) down();
  link.isUp = false;
  await leave("ada");
  link.isUp = true;
  await enterAgain(() => join("bob"));
  expect(channels.find("1", "presence-x")?.isContributing).toBe(true);
  await leave("bob");
  clock.advance(5_000);
  expect(channels.find("1", "presence-x")).toBeUndefined();
});

test("a channel that is left without Redis, forgotten and joined again has the count of its new subscriptions only", async () => {
  const { clock, link, channels, join, leave } = open();
  for (const up of link.ups) await up(false);
  for (const down of link.downs) down();
  link.isUp = false;
  await join("ada");
  await leave("ada");
  clock.advance(5_000);
  expect(channels.find("1", "presence-x")).toBeUndefined();
  await join("bob");
  link.isUp = true;
  for (const up of link.ups) await up(false);
  clock.advance(100);
  const counts = link.runs.filter(([script]) => script === "contribute" || script === "count");
  expect(counts.map(([script, , count]) => `${script} ${count}`)).toEqual(["contribute 1"]);
});
