/** The broker of a single node: an event is delivered within the call that publishes it. */
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import type { Broker, Published } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type {
  CatchUp,
  HistoryBounds,
  HistoryPage,
  HistoryQuery,
  JoinedHistory,
} from "../core/ports/history.ts";
import type { LineEvent, LineListener } from "../core/ports/line.ts";
import { type HistoryLimits, MemoryHistory } from "./memory-history.ts";

export class MemoryBroker implements Broker {
  readonly problem = null;
  readonly #history: MemoryHistory;
  #line: LineListener | null = null;

  constructor(clock: Clock, limits: HistoryLimits) {
    this.#history = new MemoryHistory(clock, limits);
  }

  get historyBudget(): ByteBudget {
    return this.#history.budget;
  }

  listen(listener: LineListener): void {
    this.#line = listener;
  }

  /** The listener, which also receives the entries of this node's roster. */
  get line(): LineListener {
    if (this.#line === null) throw new Error("The broker was used before listen() was called");
    return this.#line;
  }

  publish(appId: string, channel: string, event: LineEvent, bounds: HistoryBounds | null): Published {
    const position = bounds === null ? null : this.#history.append(appId, channel, event, bounds);
    return { outcome: "sequenced", position, recipients: this.line.event(appId, channel, event, position) };
  }

  follow(): undefined {
    // A single node receives every line anyway.
  }

  unfollow(): void {
    // As above.
  }

  async history(
    appId: string,
    channel: string,
    bounds: HistoryBounds,
    query: HistoryQuery,
  ): Promise<HistoryPage> {
    return this.#history.read(appId, channel, bounds, query);
  }

  /** For the roster: the history at the point of a join. */
  joinHistory(appId: string, channel: string, bounds: HistoryBounds, catchUp: CatchUp | null): JoinedHistory {
    return this.#history.join(appId, channel, bounds, catchUp);
  }

  onGap(): void {
    // A line within one process is never lost.
  }
}
