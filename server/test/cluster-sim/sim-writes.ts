/** Writes a node's channels to the simulated engine: absolute values, in order, and again after an unknown result. */
import type { Position } from "../../src/core/ports/history.ts";
import type { Reply } from "./engine-messages.ts";
import type { SimChannel } from "./sim-channel.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { SimLines } from "./sim-lines.ts";
import type { SimProcess } from "./sim-process.ts";
import type { SimUplink } from "./sim-uplink.ts";

const countWriteMs = 100;

export class SimWrites {
  readonly #uplink: SimUplink;
  readonly #lines: SimLines;
  readonly #process: SimProcess;
  readonly #report: (reply: Reply) => void;
  /** Channels with subscribers, and channels for which the engine may still have contributions. */
  readonly channels = new Map<string, SimChannel>();
  /** Channels for which the engine may have outdated contributions of this node. */
  readonly unsure = new Set<SimChannel>();
  #isCountWriteDue = false;

  constructor(
    { uplink, lines, process }: { uplink: SimUplink; lines: SimLines; process: SimProcess },
    report: (reply: Reply) => void,
  ) {
    this.#uplink = uplink;
    this.#lines = lines;
    this.#process = process;
    this.#report = report;
  }

  /** Writes the number of subscriptions, and a user who left. */
  contribute(channel: SimChannel, goneUserId: string | null, done: () => void = () => undefined): void {
    const contribution = this.#contributionOf(channel);
    this.ask((engine) => engine.contribute(contribution, goneUserId), channel, done);
  }

  /** Writes everything again. The answer arrives on the line, with the missed events after a given position. */
  sync(channel: SimChannel, after: Position | null, isSilent: boolean): void {
    const contribution = this.#contributionOf(channel);
    const { ownMembers, bounds } = channel;
    const how = { after, bounds, isSilent };
    this.ask((engine) => engine.sync(this.#lines, contribution, ownMembers, how), channel);
  }

  /** Writes the count later, together with all other changed counts. */
  countLater(channel: SimChannel): void {
    channel.isDirty = true;
    if (this.#isCountWriteDue) return;
    this.#isCountWriteDue = true;
    this.#process.clock.after(countWriteMs, () => {
      this.#isCountWriteDue = false;
      for (const one of this.channels.values())
        if (one.isDirty && this.#uplink.isReady) this.contribute(one, null);
    });
  }

  /** A write for a channel; without a channel, for a dead node. */
  ask(
    ask: (engine: SimEngine) => Reply,
    channel: SimChannel | null,
    done: () => void = () => undefined,
  ): void {
    if (channel !== null) channel.writesUnderWay += 1;
    this.#uplink.command(
      ask,
      (reply) => {
        this.#report(reply);
        if (channel !== null) this.#written(channel, reply);
        done();
      },
      () => {
        if (channel !== null) {
          channel.writesUnderWay -= 1;
          this.unsure.add(channel);
        }
        done();
      },
    );
  }

  #written(channel: SimChannel, { countDueInMs }: Reply): void {
    channel.writesUnderWay -= 1;
    if (countDueInMs !== null) this.#countWhenDue(channel, countDueInMs);
    const isKnown = channel.writesUnderWay === 0 && !this.unsure.has(channel);
    if (channel.subscriptions === 0 && isKnown) this.channels.delete(channel.line);
  }

  #countWhenDue(channel: SimChannel, inMs: number): void {
    this.#process.clock.after(inMs, () => {
      if (this.#uplink.isReady && channel.subscriptions > 0) this.contribute(channel, null);
    });
  }

  #contributionOf(channel: SimChannel) {
    const { appId, name, subscriptions, isCountPublished } = channel;
    channel.reportedCount = subscriptions;
    channel.isDirty = false;
    const { session } = this.#uplink;
    return { session, appId, channel: name, count: subscriptions, isCountPublished };
  }
}
