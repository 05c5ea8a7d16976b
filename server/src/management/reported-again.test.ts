/**
 * The store reports an app again when it is polled after a change, and a change of its name replaces it. Neither may be
 * visible: no limit, hold, history, cache, member or figure may begin again.
 */
import { expect, test } from "bun:test";
import { isDeepStrictEqual } from "node:util";
import { signedPath } from "../../test/support/net/http-request.ts";
import { credentials, type FakeClient } from "../../test/support/protocol-stage.ts";
import { startPusherApi } from "../../test/support/pusher-api-stage.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { SingleNodeBus } from "../cluster/single-node-bus.ts";
import type { AppRecord } from "../core/apps/app.ts";
import { newApp, newSecret } from "../core/apps/new-app.ts";
import { ActivityHistory } from "../live/activity-history.ts";
import { AppLimits } from "../live/app-limits.ts";
import { liveTypes } from "../live/live-entry.ts";
import { PublishLog } from "../live/publish-log.ts";
import { PublishRates } from "../live/publish-rates.ts";
import { AppCounters } from "../metrics/app-counters.ts";
import { createInstallApp } from "./install-app.ts";

const runs = 15;
const stepsPerRun = 150;
const keptChannel = "private-kept-1";
const channels = ["news", "private-chat", keptChannel, "cache-weather", "presence-room", "presence-away"];

/** Every setting that something counts, holds, stores or waits for. */
const settings: AppRecord["settings"] = {
  ...newApp({}, "somebody", 0).settings,
  subscriptionCountEnabled: true,
  watchlistEnabled: true,
  authorizedConnectionsOnly: true,
  authorizationTimeoutMs: 4_000,
  connectionsMax: 6,
  channelsPerConnectionMax: 4,
  messagesPerSecondMax: 1,
  clientEventsPerSecondMax: 2,
  presenceMembersMax: 2,
  apiRequestsPerSecondMax: 3,
  idempotencyWindowMs: 3_000,
  cacheTtlMs: 2_000,
  eventHoldMsMax: 25,
  channelRules: [
    { pattern: "presence-away", presenceGraceMs: 3_000 },
    {
      pattern: "private-kept-*",
      historyEventsMax: 3,
      historyMs: 5_000,
      rewindEventsMax: 2,
      clientEventsKept: true,
    },
  ],
};

interface Frame {
  readonly channel?: string;
  readonly data?: { readonly epoch?: unknown; readonly offset?: unknown } | null;
}

type Report = "none" | "equal" | "renamed";

class Node {
  readonly stage = startPusherApi();
  readonly #activities = this.stage.listen(...liveTypes, "delivered", "batch_published");
  readonly #clients: FakeClient[] = [];
  readonly #socketIds: string[] = [];
  readonly #pendingSecret = newSecret("pending", "somebody", 0, "the pending secret");
  readonly #install = createInstallApp(
    { find: () => Promise.reject(new Error("Nothing is read")) } as never,
    this.stage.registry,
    this.stage.hub,
    new SingleNodeBus(),
  );
  readonly #figures = figuresOf(this.stage);
  /** Where the channel with a history was when a client last entered it. */
  #position = { epoch: "none", offset: 0 };
  #record: AppRecord;

  constructor() {
    const record = newApp({ ...credentials, settings }, "somebody", 0);
    this.#record = { ...record, secrets: [...record.secrets, this.#pendingSecret] };
    this.#install.here(this.#record);
  }

  report(what: Report): void {
    if (what === "none") return;
    const { revision, name } = this.#record;
    if (what === "renamed") this.#record = { ...this.#record, revision: revision + 1, name: `${name}.` };
    // As read from the store: no part of it is the same object.
    this.#install.here(structuredClone(this.#record));
  }

  /** Runs one step, and returns all that anybody can see of it. */
  async step(random: () => number): Promise<unknown> {
    const answer = await this.#act(random);
    await this.#settle();
    const { stage } = this;
    const frames = this.#clients.map((client) => client.received() as Frame[]);
    for (const { channel, data } of frames.flat())
      if (channel === keptChannel && data?.epoch !== undefined)
        this.#position = { epoch: String(data.epoch), offset: Number(data.offset) };
    const seen = {
      answer,
      frames,
      closed: this.#clients.map(({ socket }) => socket.closed),
      activities: this.#activities.splice(0),
      channels: [...(await stage.roster.channels("1", ""))],
      users: [...(await stage.roster.onlineUsers("1", ["ada", "ben"]))],
      figures: this.#figures(),
      senders: stage.secretUsers.of("1").map(({ secretId: _, ...sender }) => sender),
      unauthorized: stage.hub.unauthorizedCounts().get("1") ?? 0,
      bugs: stage.bugs,
    };
    await this.#forgetClosed();
    return JSON.parse(this.#withoutChance(JSON.stringify(seen)));
  }

  async #act(random: () => number): Promise<unknown> {
    const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
    const channel = one(channels);
    const user = one(["ada", "ben", "cleo"]);
    const client = one(this.#clients) as FakeClient | undefined;
    const kind = Math.floor(random() * 16);
    const amount = one([1, 1, 4]);
    if (kind < 2) return this.#connect();
    if (kind < 4) return this.#passes(one([5, 20, 30, 300, 1_000, 2_500]));
    if (kind < 8)
      return this.#request(one(["active", "pending"]), one(["", "first", "second"]), channel, amount);
    if (kind < 9) return this.#read(channel);
    if (client === undefined) return "nobody is connected";
    if (kind < 12) return this.#subscribe(client, channel, user, random() < 0.5);
    if (kind < 13) return client.unsubscribe(channel);
    if (kind < 14) return client.signIn({ id: user, watchlist: ["ada", "ben"] });
    if (kind < 15) return client.disconnect(one([1001, 1006]));
    for (let count = 0; count < amount * 2; count += 1)
      client.sendNow({ event: "client-typing", channel, data: { count } });
    return "client events";
  }

  #connect(): unknown {
    try {
      this.stage.stack.open.check(this.stage.app(), null);
    } catch (error) {
      return String(error);
    }
    const client = this.stage.connect();
    this.#clients.push(client);
    this.#socketIds.push(client.connection.socketId);
    return "connected";
  }

  /** As the recovery plugin does, if the channel is kept. */
  #subscribe(client: FakeClient, channel: string, userId: string, recovers: boolean): Promise<void> {
    const member = channel.startsWith("presence-") ? { user_id: userId } : undefined;
    const { event, data } = client.subscription(channel, member) as { event: string; data: object };
    const recover = { ...this.#position, socket_id: "1.1" };
    return client.send({ event, data: { ...data, ...(recovers && channel === keptChannel && { recover }) } });
  }

  #passes(ms: number): number {
    this.stage.clock.advance(ms);
    this.stage.stack.closeUnauthorized();
    return ms;
  }

  async #request(
    secret: "active" | "pending",
    key: string,
    channel: string,
    times: number,
  ): Promise<unknown> {
    const body = JSON.stringify({ name: "e", channel, data: "d", info: "subscription_count" });
    const parts = { method: "POST", path: "/apps/1/events", body, timestampS: this.#nowS() };
    const signer = secret === "active" ? credentials : { ...credentials, secret: this.#pendingSecret.value };
    const headers = key === "" ? undefined : { "Idempotency-Key": key };
    const answers = [];
    for (let time = 0; time < times; time += 1) {
      const {
        status,
        text,
        headers: given,
      } = await this.stage.send("POST", signedPath(signer, parts), {
        body,
        ...(headers !== undefined && { headers }),
      });
      answers.push([status, text, `retry-after ${given.get("retry-after")}`]);
    }
    return answers;
  }

  async #read(channel: string): Promise<unknown> {
    const path = `/apps/1/channels/${channel}`;
    const query = { info: "subscription_count,cache" };
    const state = await this.stage.ask({
      method: "GET",
      path,
      ...(channel.startsWith("cache") && { query }),
    });
    const history = await this.stage.ask({ method: "GET", path: `${path}/history` });
    return [state, history].map(({ status, text }) => [status, text]);
  }

  #nowS(): number {
    return Math.floor(this.stage.clock.now() / 1_000);
  }

  async #settle(): Promise<void> {
    for (const client of this.#clients) await client.settled();
  }

  /** The door ends a connection whose socket was closed. */
  async #forgetClosed(): Promise<void> {
    for (const client of this.#clients.filter(({ socket }) => socket.closed !== null)) {
      if (!client.connection.isClosed) await client.disconnect(client.socket.closed?.code);
      this.#clients.splice(this.#clients.indexOf(client), 1);
    }
  }

  /** Replaces what is random in each run. */
  #withoutChance(text: string): string {
    const epochs = new Set([...text.matchAll(/epoch\\?":\\?"([^"\\]+)/g)].map(([, epoch]) => String(epoch)));
    const named = this.#socketIds.reduce((all, id, index) => all.replaceAll(id, `socket ${index}`), text);
    const measured = named.replaceAll(/"durationMs":[^,}]+/g, '"durationMs":0');
    return [...epochs].reduce((all, epoch) => all.replaceAll(epoch, "epoch"), measured);
  }
}

/** What people see of the app. */
function figuresOf({
  activity,
  registry,
  hub,
  clock,
  app,
}: ReturnType<typeof startPusherApi>): () => unknown {
  const limits = new AppLimits(activity, { registry, hub, clock });
  const counters = new AppCounters(activity, "slow");
  const rates = new PublishRates(activity, clock);
  const history = new ActivityHistory(activity, clock);
  const options = { publishesPerApp: 20, ageMsMax: 60_000, hasData: true, perApp: 100_000, inAll: 100_000 };
  const log = new PublishLog(activity, clock, options);
  return () => ({
    limits: limits.of(app()),
    counters: counters.all().get("1"),
    rates: (["live", "hour"] as const).map((span) => rates.of(app(), span)),
    log: [log.of(app()).length, log.wholeSinceMs(app())],
    history: [history.errors, history.steps, history.closed].map((kept) => [...kept.of(app())].length),
  });
}

async function runOf(seed: string, reportAt: (random: number) => Report): Promise<unknown[]> {
  const node = new Node();
  const random = seededRandom(seed);
  const whether = seededRandom(`${seed} reports`);
  const seen: unknown[] = [];
  for (let step = 0; step < stepsPerRun; step += 1) {
    node.report(reportAt(whether()));
    seen.push(await node.step(random));
  }
  return seen;
}

test("an app that is reported again unchanged, or with another name, looks to everybody as if it had not been", async () => {
  const limits = [
    "retry-after 1",
    "Too many messages",
    "over its connection quota",
    "not authorized within",
    "is full",
  ];
  const kept = ['"recovered":true', '"type":"cache_miss"', '"recovery_refused"', "subscription_count"];
  const reached = new Set<string>();
  for (let run = 0; run < runs; run += 1) {
    const expected = await runOf(`run ${run}`, () => "none");
    const actual = await runOf(`run ${run}`, (random) =>
      random < 0.4 ? "equal" : random < 0.6 ? "renamed" : "none",
    );
    const at = expected.findIndex((step, index) => !isDeepStrictEqual(step, actual[index]));
    expect([run, at, actual[at]]).toEqual([run, at, expected[at]]);
    const text = JSON.stringify(expected);
    for (const one of [...limits, ...kept]) if (text.includes(one)) reached.add(one);
  }
  expect([...reached].sort()).toEqual([...limits, ...kept].sort());
});
