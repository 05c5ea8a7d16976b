/** After any changes of a history, a recovery returns all missed events or is refused. Run it against each engine. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { HistoryBounds, JoinedHistory, Position } from "../../src/core/ports/history.ts";
import { RecordedLine } from "../support/fakes/recorded-line.ts";
import type { RosterNode } from "./roster-stage.ts";

export interface HistoryEngine {
  /** The current nodes: at least one. Their lines have no listeners. */
  readonly nodes: readonly [RosterNode, ...RosterNode[]];
  /** Advances the engine's clock by more than `shortMs`. */
  pass(): void | Promise<void>;
  /** The engine loses all data. Afterwards `nodes` returns the nodes to use. */
  lose(): void | Promise<void>;
  /** The engine loses a part of a channel's data, if it can. The number selects the part. */
  losePart(channel: string, part: number): void | Promise<void>;
}

export const shortMs = 30;
/** Each engine drops the oldest events of a channel above this. */
export const channelBytesMax = 10_000;
const hourMs = 3_600_000;
const appId = "1";
const channels = ["a", "b"] as const;
type Channel = (typeof channels)[number];

const channel = fc.constantFrom<Channel>(...channels);
const rule: fc.Arbitrary<HistoryBounds> = fc.record({
  eventsMax: fc.integer({ min: 1, max: 6 }),
  ageMsMax: fc.constantFrom(shortMs, hourMs, hourMs),
});
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      channel,
      bytes: fc.constantFrom(10, 10, 4_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("change the rule" as const), rule }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pass" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("lose part" as const), channel, part: fc.nat({ max: 5 }) }),
  },
);

/** The events that a client of a channel received before it was disconnected. */
interface Seen {
  readonly position: Position;
  /** The number of the channel's events that were published before. */
  readonly count: number;
}

/** @param open returns an empty engine */
export function historyContract(
  supplier: string,
  open: () => HistoryEngine | Promise<HistoryEngine>,
  numRuns: number,
): void {
  describe(`the history of ${supplier}`, () => {
    test("a recovery is complete or refused, after any publishing, trimming, expiry and loss", async () => {
      let recovered = 0;
      await fc.assert(
        fc.asyncProperty(rule, fc.array(step, { minLength: 5, maxLength: 30 }), async (first, steps) => {
          const play = new Play(await open(), first);
          for (const one of steps) {
            await play.take(one);
            recovered += await play.judge();
          }
        }),
        { numRuns },
      );
      expect(recovered).toBeGreaterThan(0);
    });

    test("a position of one channel is invalid in another", async () => {
      const play = new Play(await open(), { eventsMax: 5, ageMsMax: hourMs });
      await play.publish("a", 10);
      await play.publish("b", 10);
      await play.publish("b", 10);
      const [mine] = play.seen.a;
      expect(mine).toBeDefined();
      if (mine !== undefined)
        expect(await play.recover("b", mine.position)).toMatchObject({
          outcome: "refused",
          reason: "unknown_epoch",
        });
    });
  });
}

/** The engine, and a plain list of all published events to compare with. */
class Play {
  readonly seen: Record<Channel, Seen[]> = { a: [], b: [] };
  readonly #engine: HistoryEngine;
  readonly #published: Record<Channel, string[]> = { a: [], b: [] };
  #rule: HistoryBounds;
  #turn = 0;

  constructor(engine: HistoryEngine, first: HistoryBounds) {
    this.#engine = engine;
    this.#rule = first;
  }

  async take(one: typeof step extends fc.Arbitrary<infer Step> ? Step : never): Promise<void> {
    if (one.do === "publish") await this.publish(one.channel, one.bytes);
    else if (one.do === "change the rule") this.#rule = one.rule;
    else if (one.do === "pass") await this.#engine.pass();
    else if (one.do === "lose") await this.#engine.lose();
    else await this.#engine.losePart(one.channel, one.part);
  }

  async publish(name: Channel, bytes: number): Promise<void> {
    const frame = `${this.#published[name].length} `.padEnd(bytes, "x");
    const event = { frame, exceptSocketId: null, userId: null };
    const published = await this.#node().broker.publish(appId, name, event, this.#rule);
    if (published.outcome !== "sequenced" || published.position === null)
      throw new Error("The engine was there and did not keep the event");
    this.#published[name].push(frame);
    const before = this.seen[name].at(-1);
    this.seen[name].push({ position: published.position, count: this.#published[name].length });
    if (before?.position.epoch !== published.position.epoch || this.#rule.ageMsMax < hourMs) return;
    // Without a fault in between, a client that missed this event receives it: a history that stores nothing would
    // fail here.
    expect(await this.recover(name, before.position)).toMatchObject({ outcome: "whole" });
  }

  /** Recovers a client of each channel from each position. Returns the number of successful recoveries. */
  async judge(): Promise<number> {
    let recovered = 0;
    for (const name of channels) {
      for (const { position, count } of this.seen[name]) {
        const history = await this.recover(name, position);
        if (history.outcome !== "whole") continue;
        const missed = this.#published[name].slice(count);
        expect(history.events.map(({ frame }) => frame)).toEqual(missed);
        recovered += missed.length > 0 ? 1 : 0;
      }
    }
    return recovered;
  }

  async recover(name: Channel, after: Position): Promise<JoinedHistory> {
    const { roster } = this.#node();
    let history: JoinedHistory | null = null;
    const request = {
      appId,
      channel: name,
      member: null,
      membersMax: 1,
      isCountPublished: false,
      bounds: this.#rule,
      catchUp: { type: "recover", after, eventsMax: 5 } as const,
    };
    await roster.join(request, (joined) => {
      history = joined.outcome === "joined" ? joined.history : null;
    });
    await roster.leave({ ...request, userId: null });
    if (history === null) throw new Error("The channel has a history, but the join returned none");
    return history;
  }

  #node(): RosterNode {
    this.#turn += 1;
    const { nodes } = this.#engine;
    return nodes[this.#turn % nodes.length] ?? nodes[0];
  }
}

/** Adds a listener to the node's lines, as every node needs one. */
export function listening<Node extends RosterNode>(node: Node): Node {
  node.broker.listen(new RecordedLine());
  return node;
}
