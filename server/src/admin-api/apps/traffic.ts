/** The handler for the largest senders and channels of an app: the counts of all nodes together. */
import type { PublishRates, RateSpan } from "../../live/publish-rates.ts";
import type { AppRef } from "../../live/recent-items.ts";
import type { Amount } from "../../live/top-counts.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { TrafficAmount } from "../contracts/traffic.ts";
import { type Handlers, isoTime } from "../handlers.ts";

const listedMax = 100;

interface Asked {
  readonly app: AppRef;
  readonly span: RateSpan;
}

export function createTrafficHandlers(rates: PublishRates, allNodes: AllNodes): Handlers<"traffic"> {
  const ratesOf = allNodes.question("traffic", ({ app, span }: Asked) => rates.of(app, span));

  return {
    async traffic({ app: { id, createdAtMs }, query: { span } }) {
      const { parts, unanswered } = await ratesOf({ app: { id, createdAtMs }, span });
      const channels = new Totals<{ channel: string }>();
      const senders = new Totals<{ sender: { address: string; sdk: string | null } }>();
      for (const { answer } of parts) {
        for (const { channel, ...amount } of answer.channels)
          channels.add(channel, { channel }, amount, answer.coveredMs);
        for (const { address, sdk, ...amount } of answer.senders)
          senders.add(JSON.stringify([address, sdk]), { sender: { address, sdk } }, amount, answer.coveredMs);
        channels.addOther(answer.otherChannels, answer.coveredMs);
        senders.addOther(answer.otherSenders, answer.coveredMs);
      }
      const [ofChannels, ofSenders] = [channels.largest(), senders.largest()];
      return {
        since: isoTime(Math.min(...parts.map(({ answer }) => answer.sinceMs))),
        channels: ofChannels.top,
        otherChannels: ofChannels.others,
        senders: ofSenders.top,
        otherSenders: ofSenders.others,
        unanswered,
      };
    },
  };
}

/** Sums the counts of several nodes by name. */
class Totals<Named> {
  readonly #byName = new Map<string, Named & TrafficAmount>();
  readonly #others = noAmount();

  add(name: string, named: Named, amount: Amount, coveredMs: number): void {
    const total = this.#byName.get(name) ?? { ...named, ...noAmount() };
    this.#byName.set(name, total);
    addTo(total, rated(amount, coveredMs));
  }

  addOther(amount: Amount, coveredMs: number): void {
    addTo(this.#others, rated(amount, coveredMs));
  }

  largest(): { readonly top: (Named & TrafficAmount)[]; readonly others: TrafficAmount } {
    const all = [...this.#byName.values()].sort((a, b) => b.in + b.out - a.in - a.out);
    const others = { ...this.#others };
    for (const amount of all.slice(listedMax)) addTo(others, amount);
    return { top: all.slice(0, listedMax), others };
  }
}

function rated(amount: Amount, coveredMs: number): TrafficAmount {
  const perSecond = (value: number) => (value * 1_000) / coveredMs;
  return { ...amount, inPerSecond: perSecond(amount.in), outPerSecond: perSecond(amount.out) };
}

function addTo(total: TrafficAmount, amount: TrafficAmount): void {
  total.in += amount.in;
  total.out += amount.out;
  total.inPerSecond += amount.inPerSecond;
  total.outPerSecond += amount.outPerSecond;
  total.isOutPartial ||= amount.isOutPartial;
}

function noAmount(): TrafficAmount {
  return { in: 0, out: 0, inPerSecond: 0, outPerSecond: 0, isOutPartial: false };
}
